import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import { approvalsBeside } from '../../../../reconciler/world/sources/approvals-beside.ts';
import { readFileSources } from '../../../../reconciler/world/sources/worktree-sources.ts';
import { built, type Files, kubectl, parsed, texts, told, written } from '../kustomize/building.ts';

const program = await kubectl();

const approval = (name: string) => `apiVersion: weka-gitops.dev/v1
kind: Approval
metadata: { name: ${name} }
spec:
  action: replace
  target: { apiVersion: v1, kind: ConfigMap, namespace: weka, name: a }
  approvalDigest: sha256:${'0'.repeat(64)}
  reason: it is agreed
  expires: 2026-12-03T12:00:00Z
`;
const configMap = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: weka }\n`;
const BUILT = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') };

const idsOf = async (files: Files, path = '') =>
  parsed(await built(files, { program, path })).specs.map(({ id }) => id);

/** What is taken of one file in the folder for approvals, as text. */
function takenOf(content: string | Uint8Array): string | undefined {
  const file: SourceFile = { path: 'k/approvals/x.yaml', content: Buffer.from(content), oid: 'x' };
  const [taken] = approvalsBeside([file], ['k'], new Set());
  return taken === undefined ? undefined : Buffer.from(taken.content).toString();
}

describe('an Approval beside a kustomization', () => {
  it('counts without being listed', async () => {
    const files = { ...BUILT, 'approvals/x.yaml': approval('x') };
    const sources = await built(files, { program });
    expect(told(sources)).toEqual([]);
    expect(texts(sources)).toContainEqual(['approvals/x.yaml', approval('x')]);
    expect(parsed(sources).specs.map(({ id }) => id)).toEqual([
      'v1/ConfigMap/weka/a',
      'weka-gitops.dev/v1/Approval/x',
    ]);
    expect(parsed(sources).findings).toEqual([]);
  });

  it('counts in a folder of the repository, and in one that somebody named', async () => {
    const files = {
      'prod/kustomization.yaml': 'resources: [../base]\n',
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': configMap('a'),
      'prod/approvals/x.yaml': approval('x'),
    };
    const ids = ['v1/ConfigMap/weka/a', 'weka-gitops.dev/v1/Approval/x'];
    expect((await idsOf(files, 'prod')).toSorted()).toEqual(ids);
    expect((await idsOf(files)).toSorted()).toEqual(ids);
    const folder = await written(files);
    const config = { kustomize: { program, searchPath: '' }, keys: async () => ({ age: [] }) };
    const named = parsed(await readFileSources([folder], config));
    expect(named.specs.map(({ id }) => id).toSorted()).toEqual(ids);
  });

  it('counts once where a kustomization lists it, as kustomize makes it', async () => {
    for (const listed of ['approvals/x.yaml', 'approvals']) {
      const files = {
        'kustomization.yaml': `resources: [${listed}]\nnamePrefix: my-\n`,
        'approvals/kustomization.yaml': 'resources: [x.yaml]\n',
        'approvals/x.yaml': approval('x'),
        'approvals/z.yaml': approval('z'),
      };
      expect((await idsOf(files)).toSorted()).toEqual([
        'weka-gitops.dev/v1/Approval/my-x',
        'weka-gitops.dev/v1/Approval/z',
      ]);
      const folder = await written(files);
      const config = { kustomize: { program, searchPath: '' }, keys: async () => ({ age: [] }) };
      expect(parsed(await readFileSources([folder], config)).specs).toHaveLength(2);
    }
  });

  it('has its faults told at their place', async () => {
    const broken = approval('x').replace('action: replace', 'acton: replace');
    const sources = await built({ ...BUILT, 'approvals/x.yaml': broken }, { program });
    expect(parsed(sources).findings).toContainEqual(
      expect.objectContaining({ file: 'approvals/x.yaml', line: 5, level: 'error' }),
    );
  });

  it('is nowhere else: not deeper, and not beside a kustomization below that one', async () => {
    const files = {
      ...BUILT,
      'approvals/deeper/x.yaml': approval('x'),
      'other/kustomization.yaml': 'resources: [b.yaml]\n',
      'other/b.yaml': configMap('b'),
      'other/approvals/z.yaml': approval('z'),
    };
    expect(await idsOf(files)).toEqual(['v1/ConfigMap/weka/a']);
  });
});

describe('what is taken of a file in the folder for approvals', () => {
  it('is nothing of other kinds', () => {
    for (const other of [
      configMap('b'),
      'kind: Approval\napiVersion: example.com/v1\n',
      'apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: s }\nspec: {}\n',
      '# kind: Approval\n',
      '',
    ]) {
      expect(takenOf(other)).toBeUndefined();
    }
  });

  it('is its approvals alone, in the lines where they stand', () => {
    const text = [configMap('b'), approval('x'), configMap('c'), approval('z')].join('---\n');
    const taken = takenOf(text);
    expect(taken?.split('\n')).toHaveLength(text.split('\n').length);
    expect(taken).not.toContain('ConfigMap\n');
    const at = (all: string | undefined) => all?.split('\n').findIndex((line) => line.includes('name: z'));
    expect(at(taken)).toBe(at(text));
    expect(takenOf([approval('x'), approval('z')].join('---\n'))).toContain('name: z');
  });

  it('is a list of them, one that is misspelt, and one that cannot be read', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${approval('x').trim().replaceAll('\n', '\n    ')}\n`;
    const misspelt = approval('x').replace('kind: Approval', 'kind: Aproval');
    const noVersion = 'kind: Approval\nmetadata: { name: x }\n';
    const broken = `${approval('x')}  broken: [\n`;
    const odd = approval('x').replace('agreed', 'agreed\u0007');
    for (const text of [list, misspelt, noVersion, broken, odd]) expect(takenOf(text)).toBe(text);
    const notUtf8 = Buffer.concat([Buffer.from(approval('x')), Buffer.from([0xff])]);
    expect(takenOf(notUtf8)).toBeDefined();
  });
});
