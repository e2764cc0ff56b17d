import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** Listens at the path of a socket. QEMU connects to it when it starts, so that nothing it says is missed. */
export async function listenAt(path: string): Promise<Listening> {
  const server = createServer();
  const connected = new Promise<Socket>((resolve) => {
    server.once('connection', (socket) => {
      // How it ended is seen by the process.
      resolve(socket.on('error', () => {}));
      server.close();
    });
  });
  await once(server.listen(path), 'listening');
  return { connected, close: () => void server.close() };
}

export interface Listening {
  readonly connected: Promise<Socket>;
  readonly close: () => void;
}

/** Calls for each whole line that comes in. */
export function onLine(socket: Socket, hear: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line.replace(/\r$/, ''));
  });
}
