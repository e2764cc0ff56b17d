import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import { openBuilt, verifyMac } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import { type AgeKey, ageKey, seal, textOf, withText } from './sealing.ts';

let age: AgeKey;
let sealed: SourceFile;
const keys = async () => ({ age: [age.identity] });

beforeAll(async () => {
  await sopsProgram();
  age = await ageKey();
  const text = 'kind: Secret\nmetadata:\n  name: a\nstringData:\n  key: hello\n';
  sealed = await seal(text, { age: [age], args: ['--encrypted-regex', '^(data|stringData)$'] });
}, 900_000);

describe('what was built of encrypted files', () => {
  it('is opened value by value, whatever was added to it', async () => {
    const built = withText(sealed, (text) =>
      text.replace('name: a', 'name: prefix-a\n    namespace: weka\n    labels: {a: b}'),
    );
    const plain = { path: 'built.yaml', content: Buffer.from(`kind: ConfigMap\n---\n${textOf(built)}`) };
    const { files, findings } = await openBuilt(plain, keys);
    expect(findings).toEqual([]);
    expect(parse(textOf(files[0]!).split('---\n')[1]!)).toMatchObject({
      metadata: { name: 'prefix-a' },
      stringData: { key: 'hello' },
    });
    expect(files[0]?.sealed).toEqual([{ document: 1, path: ['stringData', 'key'] }]);
  });

  it('keeps closed a value that the build has moved', async () => {
    const moved = withText(sealed, (text) => text.replace('key: ENC', 'other: ENC'));
    const { files, findings } = await openBuilt(moved, keys);
    expect(files).toMatchObject([{ unopened: true }]);
    expect(findings.map(({ message }) => message)).toEqual([
      'The encrypted value of stringData.other was changed, or brought here from another place.',
    ]);
  });

  it('keeps closed a value whose block the build has dropped', async () => {
    const { files, findings } = await openBuilt(
      withText(sealed, (text) => text.slice(0, text.indexOf('sops:'))),
      keys,
    );
    expect(files).toMatchObject([{ unopened: true }]);
    expect(findings).toMatchObject([{ rule: 'tampered' }]);
  });

  it('does without keys where nothing is encrypted', async () => {
    const file = { path: 'a.yaml', content: Buffer.from('kind: ConfigMap\n') };
    expect(await openBuilt(file, () => Promise.reject(new Error('No key is needed.')))).toEqual({
      files: [file],
      findings: [],
    });
  });
});

describe('the source of what is built', () => {
  it('passes only as sops wrote it', async () => {
    expect(await verifyMac(sealed, keys)).toEqual([]);
    const changed = withText(sealed, (text) => text.replace('name: a', 'name: b'));
    expect(await verifyMac(changed, keys)).toMatchObject([{ rule: 'tampered' }]);
  });
});
