/**
 * Keeps a server's connections taken: `crowd PORT COUNT HOW ADDRESS…` opens COUNT connections from these addresses, each of them
 * anew once it is closed, until its standard input ends. Prints a line once all have been open.
 */
import { connect, type Socket } from 'node:net';

const [, , port = '', count = '', how = '', ...addresses] = process.argv;
const REQUEST = 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n';
const open = new Set<Socket>();
let opened = 0;

function hold(number: number): void {
  const localAddress = addresses[number % addresses.length]!;
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
  socket.on('connect', () => {
    open.add(socket);
    opened += 1;
    if (how === 'asking') socket.write(REQUEST);
    if (opened === Number(count)) console.log('open');
  });
  socket.on('data', () => {}).on('error', () => {});
  socket.on('close', () => {
    open.delete(socket);
    setImmediate(() => hold(number));
  });
}

for (let number = 0; number < Number(count); number++) hold(number);
process.stdin.once('end', () => process.exit(0)).resume();
