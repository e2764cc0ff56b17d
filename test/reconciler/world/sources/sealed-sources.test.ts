import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { script, scratchFolder } from '../../../cluster/scratch.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import { built, kubectl, parsed, texts, told } from '../kustomize/building.ts';
import { type AgeKey, ageKey, seal, textOf } from '../secrets/sealing.ts';

const program = await kubectl();

let age: AgeKey;
let sealed: string;
const keys = async () => ({ age: [age.identity] });

beforeAll(async () => {
  await sopsProgram();
  age = await ageKey();
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: hunter2\n';
  sealed = textOf(await seal(secret, { age: [age], args: ['--encrypted-regex', '^stringData$'] }));
}, 900_000);

const FILES = { 'app/kustomization.yaml': 'resources: [secret.yaml]\nnamespace: weka\nnamePrefix: p-\n' };

describe('encrypted files', () => {
  it('are opened after they were built, and never before', async () => {
    const copies = await scratchFolder();
    const copying = await script(
      join(await scratchFolder(), 'kubectl'),
      `/bin/cp -r "$4" ${copies}/built`,
      `exec ${program} "$@"`,
    );
    const sources = await built({ ...FILES, 'app/secret.yaml': sealed }, { program: copying, keys });
    expect(told(sources)).toEqual([]);
    const { specs, findings } = parsed(sources);
    expect(findings).toEqual([]);
    expect(specs.map(({ id, source, manifest }) => [id, source, manifest['stringData']])).toEqual([
      ['v1/Secret/weka/p-login', 'app/secret.yaml:1', { password: 'hunter2' }],
    ]);
    const written = await Promise.all(
      (await readdir(join(copies, 'built'))).map((name) => readFile(join(copies, 'built', name), 'utf8')),
    );
    expect(written.join()).toContain('ENC[AES256_GCM');
    expect(written.join()).not.toContain('hunter2');
  });

  it('that lie beside are opened too', async () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: weka }\ndata: { k: hunter3 }\n';
    const { content } = await seal(text, { age: [age], args: ['--encrypted-regex', '^data$'] });
    const sources = await built({ 'c.yaml': Buffer.from(content).toString('utf8') }, { program, keys });
    expect(told(sources)).toEqual([]);
    expect(parsed(sources).specs.map(({ manifest }) => manifest['data'])).toEqual([{ k: 'hunter3' }]);
  });

  it('that were changed afterwards keep their folder from being built', async () => {
    const changed = sealed.replace('kind: Secret', 'kind: ConfigMap');
    const sources = await built({ ...FILES, 'app/secret.yaml': changed }, { program, keys });
    expect(sources.files).toEqual([]);
    expect(sources.findings).toMatchObject([{ rule: 'tampered', file: 'app/secret.yaml', level: 'error' }]);
  });

  it('without a key are told once, at the file', async () => {
    const sources = await built({ ...FILES, 'app/secret.yaml': sealed }, { program });
    expect(sources.findings).toMatchObject([
      { rule: 'not-decrypted', file: 'app/secret.yaml', level: 'error' },
    ]);
  });

  it('are not for generators, which would take the encrypted text', async () => {
    const kustomization = 'namespace: weka\nsecretGenerator: [{ name: a, files: [secret.yaml] }]\n';
    const sources = await built(
      { 'app/kustomization.yaml': kustomization, 'app/secret.yaml': sealed },
      { program, keys },
    );
    expect(texts(sources)).toEqual([]);
    expect(told(sources)).toEqual([
      'app/kustomization.yaml:2:38 kustomize-reference: A generator reads this file, which is encrypted, and would take it as it is.',
    ]);
  });
});
