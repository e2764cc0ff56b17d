import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../cluster/certificates.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { pathOf } from '../dist/dist-site.ts';
import { aService, failure, file, membersOf, script, sources } from './build-site.ts';
import { MODULES, runBuilderPod } from './builder-pod.ts';

describe('a builder’s pod with a key', { timeout: 300_000 }, () => {
  it('signs every module with the key of its manifest, and tells whose key it is', async () => {
    const { dist, pod } = await aService();
    const { folder, fingerprint } = await signingKey();
    const { result, log } = await runBuilderPod(pod({ source: MODULES, signing: folder }));

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
          signing: folder,
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
    const mixed = join(await scratchFolder(), 'mixed');
    await cp(one.folder, mixed, { recursive: true });
    await cp(join(other.folder, 'signing_cert.pem'), join(mixed, 'signing_cert.pem'));
    const wrong = await runBuilderPod(pod({ source, signing: mixed }));
    expect(failure(wrong.result)).toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: signing_cert.pem is not of signing_key.pem.',
    });

    await rm(join(mixed, 'signing_cert.pem'));
    const half = await runBuilderPod(pod({ source, signing: mixed }));
    expect(failure(half.result)).toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: the Secret has no signing_cert.pem.',
    });

    const without = await runBuilderPod(
      pod({ source, signing: one.folder, prepare: ['rm /usr/lib/linux-kbuild-*/scripts/sign-file'] }),
    );
    expect(failure(without.result)).toMatchObject({
      code: 'SIGN',
      message: expect.stringMatching(/ has no scripts\/sign-file\.$/),
    });
    expect(await published()).toEqual([]);
  });

  it('lets the pre-run script find no way to the key', async () => {
    const { pod, published } = await aService();
    const { folder, key } = await signingKey();
    // It looks for files that hold a key, but for that of uploads, and for a socket where one would be asked for it.
    const text = [
      'ls -A /var/run/weka-gitops/signing /var/run/secrets/weka-operator 2>/dev/null || true',
      'grep -rls "BEGIN[ ].*PRIVATE KEY" /dev/shm /tmp /run /var/run | grep -v /secrets/weka-gitops/upload/ && echo found',
      'echo looked',
      'exit 3',
    ].join('\n');
    const { result, log } = await runBuilderPod(
      pod({ source: await sources(), signing: folder, env: script(text) }),
    );
    const { code, message, lastLines } = failure(result);

    expect({ code, message, lastLines }).toEqual({
      code: 'PRE_RUN',
      message: 'The pre-run script ended with exit code 3.',
      lastLines: ['/var/run/weka-gitops/signing:', 'looked'],
    });
    for (const line of bodyOf(key)) expect(log).not.toContain(line);
    expect(await published()).toEqual([]);
  });

  it('has the key nowhere while what builds and strips is at work', async () => {
    const { pod } = await aService();
    const { folder, fingerprint } = await signingKey();
    const look = 'ls /dev/shm/*/key.pem >/dev/null 2>&1 && echo key is there || echo key is not there';
    // In place of a program that the build runs later.
    const text = [
      'cp -L "$(command -v strip)" /usr/local/bin/strip.real',
      `printf '%s\\n' '#!/bin/sh' '${look}' 'exec /usr/local/bin/strip.real "$@"' > /usr/local/bin/strip`,
      'chmod 755 /usr/local/bin/strip',
    ].join('\n');
    const kbuild = `$(warning make says: $(shell ${look}))`;
    const { result, log } = await runBuilderPod(
      pod({
        source: await sources({ kbuild }),
        signing: folder,
        env: script(text),
      }),
    );

    expect({ result, log }).toMatchObject({ result: { result: 'published', signedWith: fingerprint } });
    expect(log).toMatch(/make says: key is not there$/m);
    expect(log).toMatch(/^key is not there$/m);
    expect(log).not.toContain('key is there');
  });

  it('asks for no key, and publishes nothing, beside what the script left and cannot be ended', async () => {
    const { pod, published } = await aService();
    const { folder } = await signingKey();
    // Of another user, whom a pod without the right to do so cannot kill.
    const left =
      'setsid setpriv --reuid 65534 --clear-groups sleep 1000 </dev/null >/dev/null 2>&1 & while ! grep -qx sleep /proc/*/comm; do :; done';
    const { result, log } = await runBuilderPod(
      pod({
        source: await sources(),
        signing: folder,
        env: script(left),
        prepare: ['set -- setpriv --bounding-set=-kill "$@"'],
      }),
    );
    expect({ result, log }).toMatchObject({
      result: {
        result: 'failed',
        code: 'LEFT_BEHIND',
        message: 'Something that was started while running the pre-run script cannot be ended.',
      },
    });
    expect(await published()).toEqual([]);
  });

  it('keeps the key to itself where what signs prints it', async () => {
    const { pod } = await aService();
    const { folder, key } = await signingKey();
    const prints = `for each in /usr/lib/linux-kbuild-*/scripts/sign-file; do printf '#!/bin/sh\\ncat "$2"; exit 1\\n' > "$each"; done`;
    const { result, log } = await runBuilderPod(
      pod({ source: await sources(), signing: folder, prepare: [prints] }),
    );
    expect(failure(result)).toMatchObject({ code: 'SIGN' });
    expect(log).toContain('(left out)');
    for (const line of bodyOf(key)) expect(`${log}${JSON.stringify(result)}`).not.toContain(line);
  });
});

/** Lines that hold something of a key. */
function bodyOf(key: string): readonly string[] {
  return key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
}

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
