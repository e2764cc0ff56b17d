import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LanguageServer } from '../support/language-server.ts';

const folder = fileURLToPath(new URL('../../examples-repo/', import.meta.url));
const settings = JSON.parse(readFileSync(join(folder, '.vscode/settings.json'), 'utf8')) as Record<
  string,
  unknown
>;
const editor = await LanguageServer.start(folder, settings);
afterAll(() => editor.stop());

const MODELINE = '# yaml-language-server: $schema=../../schemas/json/weka-gitops.json\n';

/** The text without its mark `|`, and the place of the mark. */
function marked(text: string) {
  const [before = '', after = ''] = text.split('|');
  const lines = before.split('\n');
  return { text: before + after, at: { line: lines.length - 1, character: lines.at(-1)!.length } };
}

function manifest(kind: string, spec: string): string {
  return `apiVersion: weka.weka.io/v1alpha1\nkind: ${kind}\nmetadata: { name: a, namespace: weka }\nspec:\n${spec}`;
}

/** A name in `examples-repo/` that no other test has opened; nothing is written there. */
let count = 0;
const unwritten = (suffix = '.yaml') => join(folder, 'drivers', `unwritten-${++count}${suffix}`);

describe('in an editor, the example repository', () => {
  it.each(globSync('**/*.yaml', { cwd: folder }))('has no fault in %s', async (file) => {
    expect(await editor.open(join(folder, file), readFileSync(join(folder, file), 'utf8'))).toEqual([]);
  });

  it('has its schema by the settings, and by the line at the top of a file where there are none', async () => {
    const wrong = manifest('WekaContainer', '  mode: dist\n  image: a:4.4.10\n  prot: 1\n');
    const fault = { message: 'Property prot is not allowed.' };
    expect(await editor.open(unwritten(), wrong)).toMatchObject([fault]);
    const bare = await LanguageServer.start(folder, {});
    try {
      expect(await bare.open(unwritten(), MODELINE + wrong)).toMatchObject([fault]);
      expect(await bare.open(unwritten(), wrong)).toEqual([]);
    } finally {
      await bare.stop();
    }
  });
});

describe('an editor', () => {
  it.each([
    ['WekaContainer', '  mode: dist\n  image: a:4.4.10\n  |\n', ['agentPort', 'nodeSelector', 'network']],
    [
      'WekaCluster',
      '  image: a:4.4.10\n  template: dynamic\n  dynamicTemplate:\n    |\n',
      ['driveCores', 'numDrives'],
    ],
    ['WekaContainer', '  image: a:4.4.10\n  mode: |\n', ['drivers-dist', 'drivers-builder', 's3']],
  ])('completes the fields and words of a %s', async (kind, spec, expected) => {
    const { text, at } = marked(manifest(kind, spec));
    const file = unwritten();
    await editor.open(file, text);
    const labels = await editor.complete(file, at);
    expect(labels).toEqual(expect.arrayContaining(expected));
    expect(labels).not.toContain('metadata');
  });

  it('completes what no other object of Kubernetes has', async () => {
    const { text, at } = marked('apiVersion: weka.weka.io/v1alpha1\nkind: |\n');
    const file = unwritten();
    await editor.open(file, text);
    expect(await editor.complete(file, at)).toEqual(expect.arrayContaining(['WekaCluster', 'WekaContainer']));
  });

  it.each([
    ['WekaContainer', '  mode: dist\n  image: a:4.4.10\n  age|ntPort: 60001\n', /agent/i],
    [
      'WekaCluster',
      '  image: a:4.4.10\n  template: dynamic\n  dynamicTemplate:\n    driv|eCores: 1\n',
      /Cores of each drive container/,
    ],
  ])('says what a field of a %s means', async (kind, spec, expected) => {
    const { text, at } = marked(manifest(kind, spec));
    const file = unwritten();
    await editor.open(file, text);
    expect(await editor.hover(file, at)).toMatch(expected);
  });

  it.each([
    [
      'WekaContainer',
      '  mode: dist\n  image: a:4.4.10\n  agentPort: |abc\n',
      'Incorrect type. Expected "integer".',
    ],
    [
      'WekaCluster',
      '  image: a:4.4.10\n  template: dynamic\n  dynamicTemplate: { driveCores: 1, |drvieCores: 2 }\n',
      'Property drvieCores is not allowed.',
    ],
    ['WekaCluster', '  image: a:4.4.10\n  ipv6: |5\n', 'Incorrect type. Expected "boolean".'],
  ])('marks a fault of a %s where it stands, below another document', async (kind, spec, message) => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { x: 1 }\n---\n';
    const { text, at } = marked(other + manifest(kind, spec));
    const diagnostics = await editor.open(unwritten(), text);
    expect(diagnostics.map(({ message, range }) => ({ message, at: range.start }))).toEqual([
      { message, at },
    ]);
  });
});
