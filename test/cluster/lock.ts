import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * Runs a task while no other process on this machine runs one of the same name. The lock is a socket in the kernel's own
 * namespace: it is free again when its holder ends, however that ends, and leaves no file.
 */
export async function alone<Result>(
  name: string,
  task: () => Promise<Result>,
  onWait: () => void = () => {},
): Promise<Result> {
  const address = addressOf(name);
  let release = await hold(address);
  if (release === undefined) onWait();
  while (release === undefined) {
    await released(address);
    release = await hold(address);
  }
  try {
    return await task();
  } finally {
    release();
  }
}

/** Runs a task unless a process on this machine, this one too, runs one of the same name. */
export async function ifFree(name: string, task: () => Promise<void>): Promise<void> {
  const release = await hold(addressOf(name));
  if (release === undefined) return;
  try {
    await task();
  } finally {
    release();
  }
}

/**
 * Takes the first of these locks that is free, as soon as one is, and gives what lets go of it. Whoever ends lets go of
 * all that it holds.
 */
export async function oneOf(names: readonly string[], onWait: () => void = () => {}): Promise<() => void> {
  const addresses = names.map(addressOf);
  for (let isFirst = true; ; isFirst = false) {
    for (const address of addresses) {
      const release = await hold(address);
      if (release !== undefined) return release;
    }
    if (isFirst) onWait();
    const enough = new AbortController();
    await Promise.race(addresses.map(async (address) => await released(address, enough.signal)));
    enough.abort();
  }
}

function addressOf(name: string): string {
  return `\0weka-gitops-${createHash('sha256').update(name).digest('hex')}`;
}

async function hold(address: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {}).once('close', () => waiting.delete(socket));
  }).listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
}

/** Resolves when the holder lets go: its end of the connection closes with it. */
async function released(address: string, signal?: AbortSignal): Promise<void> {
  const socket = connect(address).on('error', () => {});
  socket.resume();
  signal?.addEventListener('abort', () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
}
