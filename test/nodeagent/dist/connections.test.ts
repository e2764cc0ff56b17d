import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { IDLE_MS } from '../../../nodeagent/dist/connections.ts';
import { until } from '../../cluster/until.ts';
import { distSite, startTestDist } from './dist-site.ts';

/** A connection that says this and nothing more. */
function opened(port: number, said: string): Socket & { readonly got: () => string } {
  let got = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).on('data', (chunk) => (got += chunk.toString()));
  socket.write(said);
  onTestFinished(() => void socket.destroy());
  return Object.assign(socket, { got: () => got });
}

const ASKS = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';

it.each([
  ['has not begun to ask', ''],
  ['has begun to ask, and asks on and on', 'GET /healthz HTTP/1.1\r\nhost: '],
  ['has begun to speak TLS', '\u0016\u0003\u0001'],
  ['has asked, and asks nothing more', ASKS],
])('one that %s is closed after a while', async (_what, said) => {
  let now = 0;
  const dist = await startTestDist(await distSite(), { connections: { now: () => now, lookEveryMs: 5 } });
  const socket = opened(dist.port, said);
  const count = async () => Number(/connections (\d+)\n/.exec((await dist.get('/metrics')).text)?.[1]);
  await until('both are there', async () => (await count()) === 2);
  if (said === ASKS) await until('it is answered', () => socket.got().endsWith('\r\n\r\nok\n'));
  now += IDLE_MS - 1;
  // The other one comes and goes at that time.
  await until('it is still there', async () => (await count()) === 2);
  now += 2;
  if (said.endsWith('host: ')) socket.write('x');
  await until('it is closed', () => socket.closed);
});

it('of too many, the one that was idle for longest goes for one that comes', async () => {
  let now = 0;
  const dist = await startTestDist(await distSite(), { connections: { now: () => now, most: 3 } });
  const sockets: ReturnType<typeof opened>[] = [];
  for (let each = 0; each < 3; each += 1) {
    now += 1;
    const socket = opened(dist.port, ASKS);
    sockets.push(socket);
    await until('it is answered', () => socket.got().endsWith('\r\n\r\nok\n'));
  }
  now += 1;
  sockets[0]?.write(ASKS);
  await until('it is answered again', () => sockets[0]?.got().match(/\nok\n/g)?.length === 2);
  now += 1;
  expect((await dist.get('/healthz', { plain: true })).text).toBe('ok\n');
  await until('the second one is closed', () => sockets[1]?.closed);
  expect(sockets.map(({ closed }) => closed)).toEqual([false, true, false]);
});
