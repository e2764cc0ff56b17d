import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';

/** First byte of a TLS handshake; no method of HTTP begins with it. */
const HANDSHAKE = 0x16;

/** A server that speaks TLS to those who do, and plain HTTP to others, on one port. `admit`: whether a connection is taken. */
export function bothProtocols(
  plain: HttpServer,
  secure: HttpsServer,
  admit: (socket: Socket) => boolean,
): Server {
  return createServer({ noDelay: true }, (socket) => {
    // Whoever hangs up early is nobody's fault.
    socket.on('error', () => socket.destroy());
    if (!admit(socket)) {
      socket.destroy();
      return;
    }
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) {
        // TLS takes what is read already by itself, a moment later.
        secure.emit('connection', socket);
      } else {
        plain.emit('connection', socket);
        socket.resume();
      }
    });
  });
}
