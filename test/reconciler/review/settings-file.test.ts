import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../../reconciler/core/spec/source.ts';
import { settingsEdit } from '../../../reconciler/review/settings-file.ts';

const SETTINGS = `# What this site decides.
apiVersion: weka-gitops.dev/v1
kind: Settings
metadata:
  name: site
spec:
  drift: report # nobody shall be surprised
`;

const file = (path: string, text: string, more: Partial<SourceFile> = {}): SourceFile => ({
  path,
  content: Buffer.from(text),
  ...more,
});

describe('the edit of the Settings', () => {
  it('sets the reason, and leaves all else as it was written', () => {
    const edit = settingsEdit([file('hall/site.yaml', SETTINGS)], 'hall', { suspend: 'the hall is flooded' });
    expect(edit).toEqual({
      can: 'write',
      path: 'hall/site.yaml',
      text: `${SETTINGS}  suspend: the hall is flooded\n`,
    });
  });

  it('takes the reason out again', () => {
    const suspended = `${SETTINGS}  suspend: the hall is flooded\n`;
    const edit = settingsEdit([file('site.yaml', suspended)], '', { suspend: undefined });
    expect(edit).toEqual({ can: 'write', path: 'site.yaml', text: SETTINGS });
  });

  it('keeps the other documents of the file', () => {
    const other = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: weka\n';
    const edit = settingsEdit([file('all.yaml', `${other}---\n${SETTINGS}`)], '', { suspend: 'audit' });
    expect(edit).toMatchObject({ can: 'write', text: `${other}---\n${SETTINGS}  suspend: audit\n` });
  });

  it('adds Settings where there are none', () => {
    const edit = settingsEdit([file('hall/a.yaml', 'kind: ConfigMap\n')], 'hall', {
      suspend: 'audit: "all"',
    });
    expect(edit).toMatchObject({ can: 'write', path: 'hall/settings.yaml' });
    const { text } = edit as Extract<typeof edit, { can: 'write' }>;
    const added = settingsEdit([file('hall/settings.yaml', text)], 'hall', { suspend: 'audit: "all"' });
    expect(added).toEqual({ can: 'nothing' });
  });

  it('sets a reason where there is no spec', () => {
    const short = 'apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata:\n  name: site\n';
    const edit = settingsEdit([file('site.yaml', short)], '', { suspend: 'audit' });
    expect(edit).toMatchObject({ text: `${short}spec:\n  suspend: audit\n` });
  });

  it.each([
    ['nothing is suspended', [file('site.yaml', SETTINGS)], undefined, { can: 'nothing' }],
    ['there are no Settings to resume by', [], undefined, { can: 'nothing' }],
    [
      'there are two',
      [file('a.yaml', SETTINGS), file('b.yaml', SETTINGS)],
      'audit',
      { can: 'not', why: 'The repository has more than one Settings.' },
    ],
    [
      'kustomize makes them',
      [file('site.yaml', SETTINGS, { origin: { file: file('base.yaml', SETTINGS), builtIn: 'hall' } })],
      'audit',
      { can: 'not', why: 'The Settings are built by the kustomization in hall.' },
    ],
    [
      'they are encrypted in part',
      [file('site.yaml', SETTINGS, { sealed: [] })],
      'audit',
      { can: 'not', why: 'The Settings stand in site.yaml, which is encrypted.' },
    ],
    [
      'something else stands where they would be added',
      [file('settings.yaml', 'kind: Other\n')],
      'audit',
      { can: 'not', why: 'There are no Settings, and settings.yaml is something else.' },
    ],
    [
      'they are of another language',
      [file('site.yaml', SETTINGS.replace('weka-gitops.dev/v1', 'example.com/v1'))],
      undefined,
      { can: 'nothing' },
    ],
  ])('is none where %s', (_, files, suspend, expected) => {
    expect(settingsEdit(files, '', { suspend })).toEqual(expected);
  });
});
