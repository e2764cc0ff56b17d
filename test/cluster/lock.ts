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
  const address = `\0weka-gitops-${createHash('sha256').update(name).digest('hex')}`;
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
async function released(address: string): Promise<void> {
  const socket = connect(address).on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
}
