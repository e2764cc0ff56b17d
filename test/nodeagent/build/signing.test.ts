import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../cluster/certificates.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { pathOf } from '../dist/dist-site.ts';
import { aService, failure, file, membersOf, script, sources } from './build-site.ts';
import { MODULES, runBuilderPod } from './builder-pod.ts';

const SECRET = '/var/run/secrets/weka-operator/module-signing';

describe('a builder’s pod with a key', { timeout: 300_000 }, () => {
  it('signs every module with the key of its manifest, and tells whose key it is', async () => {
    const { dist, pod } = await aService();
    const { folder, fingerprint } = await signingKey();
    const binds = [{ from: folder, to: SECRET }];
    const { result, log } = await runBuilderPod(pod({ source: MODULES, binds }));

    expect({ result, log }).toMatchObject({ result: { result: 'published', signedWith: fingerprint } });
    const members = membersOf((await dist.get(pathOf(file))).body);
    expect(members).toHaveLength(4);
    for (const { content } of members)
      expect(content.toString('latin1')).toMatch(/~Module signature appended~\n$/);
  });

  it('signs with a key of RSA so that the bytes are the same each time, and says that others do not', async () => {
    const { pod } = await aService();
    const rsa = await rsaKey();
    const signed = async (folder: string) =>
      await runBuilderPod(
        pod({
          source: await sources(),
          binds: [{ from: folder, to: SECRET }],
        }),
      );
    const [one, other] = [await signed(rsa), await signed(rsa)];
    expect(one.result).toMatchObject({ result: 'published' });
    expect(other.result).toEqual(one.result);

    const says = 'The key is none of RSA';
    expect(one.log).not.toContain(says);
    expect((await signed((await signingKey()).folder)).log).toContain(says);
  });

  it('publishes nothing unsigned where it cannot sign', async () => {
    const { pod, published } = await aService();
    const source = await sources();
    const [one, other] = [await signingKey(), await signingKey()];
    const mixed = [
      { from: join(one.folder, 'signing_key.pem'), to: `${SECRET}/signing_key.pem` },
      { from: join(other.folder, 'signing_cert.pem'), to: `${SECRET}/signing_cert.pem` },
    ];
    const wrong = await runBuilderPod(pod({ source, binds: mixed }));
    expect(failure(wrong.result)).toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: signing_cert.pem is not of signing_key.pem.',
    });

    const half = await runBuilderPod(pod({ source, binds: mixed.slice(0, 1) }));
    expect(failure(half.result)).toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: the Secret has no signing_cert.pem.',
    });

    const binds = [{ from: one.folder, to: SECRET }];
    const without = await runBuilderPod(
      pod({ source, binds, prepare: ['rm /usr/lib/linux-kbuild-*/scripts/sign-file'] }),
    );
    expect(failure(without.result)).toMatchObject({
      code: 'SIGN',
      message: expect.stringMatching(/ has no scripts\/sign-file\.$/),
    });
    expect(await published()).toEqual([]);
  });

  it('tells how the pre-run script failed, and keeps the key that it prints to itself', async () => {
    const { pod, published } = await aService();
    const { folder, key } = await signingKey();
    const { result, log } = await runBuilderPod(
      pod({
        source: await sources(),
        binds: [{ from: folder, to: SECRET }],
        env: script(
          'cat /var/run/secrets/weka-operator/module-signing/signing_key.pem\necho no luck >&2\nexit 3\n',
        ),
      }),
    );
    const { code, message, lastLines } = failure(result);

    expect({ code, message }).toEqual({
      code: 'PRE_RUN',
      message: 'The pre-run script ended with exit code 3.',
    });
    expect(lastLines).toContain('no luck');
    const body = key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
    expect(log).toContain('(left out)');
    for (const line of body) expect(`${log}${JSON.stringify(result)}`).not.toContain(line);
    expect(await published()).toEqual([]);
  });
});

/** A folder as the Secret of a signing key is mounted. */
async function signingKey() {
  const folder = join(await scratchFolder(), 'signing');
  const { key, certificate } = CertificateAuthority.create('modules of a test');
  await mkdir(folder);
  await writeFile(join(folder, 'signing_key.pem'), key);
  await writeFile(join(folder, 'signing_cert.pem'), certificate);
  const fingerprint = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  return { folder, key, fingerprint };
}

/** The same with a key of RSA. */
async function rsaKey(): Promise<string> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=modules of a test',
      keys,
      signingAlgorithm: algorithm,
    },
    webcrypto,
  );
  const folder = join(await scratchFolder(), 'rsa');
  await mkdir(folder);
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(folder, 'signing_key.pem'), key);
  await writeFile(join(folder, 'signing_cert.pem'), certificate.toString('pem'));
  return folder;
}
