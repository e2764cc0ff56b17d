import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataKey } from '../../../../reconciler/world/secrets/data-key.ts';
import {
  DecryptionKeyError,
  type DecryptionSources,
  keyFiles,
} from '../../../../reconciler/world/secrets/key-files.ts';
import { openSealed } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { ageKey, pgpKey, seal, testFolder } from './sealing.ts';

const read = (path: string) => readFile(path, 'utf8');

async function filesOf(contents: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const folder = await testFolder();
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents)) {
    paths[name] = join(folder, name);
    await writeFile(join(folder, name), content);
  }
  return paths;
}

const refusal = (sources: DecryptionSources) =>
  keyFiles(sources, read)().then(
    () => 'none',
    (error: unknown) => {
      if (!(error instanceof DecryptionKeyError)) throw error;
      return error.message;
    },
  );

describe('the keys of a process', () => {
  it('are read from files with comments, and from the environment', async () => {
    const [one, two] = [await ageKey(), await ageKey()];
    const { keys } = await filesOf({ keys: `# created: today\n\n${one.identity}\r\n` });
    expect(await keyFiles({ ageKeyFile: keys, ageKey: two.identity }, read)()).toEqual({
      age: [one.identity, two.identity],
    });
  });

  it('are read once, and again when a file was replaced', async () => {
    const [one, two] = [await ageKey(), await ageKey()];
    const paths = await filesOf({ keys: one.identity, next: two.identity });
    let reads = 0;
    const source = keyFiles({ ageKeyFile: paths['keys'] }, (path) => (reads++, read(path)));

    expect([await source(), await source()]).toEqual([{ age: [one.identity] }, { age: [one.identity] }]);
    expect(reads).toBe(1);
    await rename(paths['next']!, paths['keys']!);
    expect(await source()).toEqual({ age: [two.identity] });
  });

  it('may be a PGP key with a passphrase', async () => {
    const key = await pgpKey('open sesame');
    const { pgp, passphrase } = await filesOf({ pgp: key.armored, passphrase: 'open sesame\n' });
    const source = keyFiles({ pgpKeyFile: pgp, pgpPassphraseFile: passphrase }, read);
    const file = await seal('kind: Secret\nstringData: {a: b}\n', { pgp: [key] });
    expect((await openSealed([file], source)).findings).toEqual([]);
  });

  it('are missed with words that name the file, and never its content', async () => {
    const key = await pgpKey('open sesame');
    const age = await ageKey();
    const paths = await filesOf({
      pgp: key.armored,
      wrong: 'other words',
      empty: '# nothing\n',
      ssh: '-----BEGIN OPENSSH PRIVATE KEY-----\n',
      lower: age.identity.toLowerCase(),
    });
    expect(await refusal({ ageKeyFile: '/nowhere/key' })).toBe(
      '/nowhere/key, which should hold a key to decrypt with, cannot be read.',
    );
    expect(await refusal({ pgpKeyFile: paths['pgp'] })).toBe(
      `The PGP key in ${paths['pgp']} has a passphrase.`,
    );
    expect(await refusal({ pgpKeyFile: paths['pgp'], pgpPassphraseFile: paths['wrong'] })).toBe(
      `${paths['pgp']} holds no PGP private key that can be opened.`,
    );
    expect(await refusal({ ageKeyFile: paths['empty'] })).toBe(`${paths['empty']} holds no age identity.`);
    expect(await refusal({ ageKeyFile: paths['ssh'] })).toBe(
      `${paths['ssh']} holds a line that is no age identity.`,
    );
    expect(await refusal({ pgpKeyFile: paths['ssh'] })).toBe(
      `${paths['ssh']} holds no PGP private key that can be opened.`,
    );
  });

  it('are not read where no file is encrypted', async () => {
    const file = { path: 'a.yaml', content: Buffer.from('kind: ConfigMap\n') };
    expect((await openSealed([file], keyFiles({ ageKeyFile: '/nowhere' }, read))).findings).toEqual([]);
  });
});

it('a data key is not sought in a group without one', async () => {
  const metadata = { groups: [{ age: [], pgp: [], services: [] }], threshold: 1 };
  const found = await dataKey(
    { ...metadata, mac: '', lastModified: '', rule: { by: 'comment' }, macOnlyEncrypted: false },
    { age: ['x'] },
  );
  expect(found).toMatchObject({ because: 'service' });
});
