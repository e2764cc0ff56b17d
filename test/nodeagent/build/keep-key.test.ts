import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepKey } from '../../../nodeagent/build/keep-key.ts';
import { reachForKey } from '../../../nodeagent/build/key-hand.ts';
import { withKeyFiles } from '../../../nodeagent/build/signing-key.ts';
import type { Program } from '../../../nodeagent/cli.ts';
import { CertificateAuthority } from '../../cluster/certificates.ts';
import { until } from '../../cluster/until.ts';
import { scratchFolder } from '../../cluster/scratch.ts';

const never = new AbortController().signal;

describe('keepKey', () => {
  it('gives the key to the one that came first, and nobody else finds it meanwhile', async () => {
    const { socket, key, certificate } = await aKeeper();
    const hand = await reachForKey(socket, never);
    expect(await refused(socket)).toBe(true);
    expect(await hand.give()).toEqual({ secret: key, certificate });
    expect(await refused(socket)).toBe(true);

    // A builder that begins anew comes anew.
    hand.end();
    const again = await reachForKey(socket, never);
    expect(await again.give()).toEqual({ secret: key, certificate });
    again.end();
  });

  it('says why it has none to give', async () => {
    const { socket, folder } = await aKeeper();
    await writeFile(join(folder, 'signing_key.pem'), 'no key');
    const hand = await reachForKey(socket, never);
    await expect(hand.give()).rejects.toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: signing_key.pem is no private key, or wants a passphrase.',
      hint: expect.stringContaining('module-signing') as string,
    });
    hand.end();
  });

  it('gives nothing to who asks for something else', async () => {
    const { socket } = await aKeeper();
    await until('it listens', async () => (await stat(socket).catch(() => undefined)) !== undefined);
    const connection = createConnection(socket);
    await once(connection, 'connect');
    const said: string[] = [];
    connection.on('data', (part) => said.push(part.toString()));
    connection.end('secret\nkey\n');
    await once(connection, 'close');
    expect(said).toEqual([]);
  });

  it('ends when it is told to, whether somebody is there or not', async () => {
    const idle = await aKeeper();
    idle.stop();
    await idle.ended;
    const busy = await aKeeper();
    const hand = await reachForKey(busy.socket, never);
    busy.stop();
    await busy.ended;
    await expect(hand.give()).rejects.toMatchObject({ code: 'SIGN' });
  });
});

describe('reachForKey', () => {
  it('says that nothing keeps the key', async () => {
    const stop = AbortSignal.abort();
    await expect(reachForKey(join(await scratchFolder(), 'none'), stop)).rejects.toMatchObject({
      code: 'SIGN',
      message: 'The modules cannot be signed: nothing keeps the key of this pod.',
    });
  });
});

describe('withKeyFiles', () => {
  it('has the key in files only while it is used', async () => {
    const { key, certificate } = CertificateAuthority.create('modules of a test');
    const path = await withKeyFiles({ secret: key, certificate }, async (files) => {
      expect(await readFile(files.key, 'utf8')).toBe(key);
      expect(await readFile(files.certificate, 'utf8')).toBe(certificate);
      return files.key;
    });
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** A container that keeps a key, as a part of this process. */
async function aKeeper() {
  const scratch = await scratchFolder();
  const [folder, socket] = [join(scratch, 'key'), join(scratch, 'socket')];
  const { key, certificate } = CertificateAuthority.create('modules of a test');
  await mkdir(folder);
  await writeFile(join(folder, 'signing_key.pem'), key);
  await writeFile(join(folder, 'signing_cert.pem'), certificate);
  const stop = new AbortController();
  const program = { stopSignal: () => stop.signal } as Program;
  const ended = keepKey({ verb: 'keep-key', folder, socket }, program);
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  return { folder, socket, key, certificate, ended, stop: () => stop.abort() };
}

async function refused(path: string): Promise<boolean> {
  const connection = createConnection(path);
  try {
    await once(connection, 'connect');
  } catch {
    return true;
  }
  // One that nobody takes is closed.
  await once(connection.resume(), 'close');
  return true;
}
