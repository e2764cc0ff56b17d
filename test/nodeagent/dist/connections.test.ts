import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { IDLE_MS } from '../../../nodeagent/dist/connections.ts';
import { until } from '../../cluster/until.ts';
import { SERVER_NAME } from './certificates.ts';
import { distSite, pathOf, startTestDist, type TestDist } from './dist-site.ts';

/** A connection that says this and nothing more. */
function opened(
  port: number,
  said: string,
  localAddress = '127.0.0.1',
): Socket & { readonly got: () => string } {
  let got = '';
  const socket = connect({ host: '127.0.0.1', port, localAddress });
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
  await until('both are there', async () => (await count(dist)) === 2);
  if (said === ASKS) await until('it is answered', () => socket.got().endsWith('\r\n\r\nok\n'));
  now += IDLE_MS - 1;
  // The other one comes and goes at that time.
  await until('it is still there', async () => (await count(dist)) === 2);
  now += 2;
  if (said.endsWith('host: ')) socket.write('x');
  await until('it is closed', () => socket.closed);
});

it('of too many, the one that was idle for longest goes for one that comes', async () => {
  let now = 0;
  const dist = await startTestDist(await distSite(), { connections: { now: () => now, most: { all: 3 } } });
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

it('of too many goes one of the address that has most of them, though another was idle for longer', async () => {
  const dist = await startTestDist(await distSite(), { connections: { most: { all: 3 } } });
  const sockets: ReturnType<typeof opened>[] = [];
  for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.3']) {
    const socket = opened(dist.port, ASKS, address);
    sockets.push(socket);
    await until('it is answered', () => socket.got().endsWith('\r\n\r\nok\n'));
  }
  expect((await dist.get('/healthz')).text).toBe('ok\n');
  await until('one is closed', () => sockets.some(({ closed }) => closed));
  expect(sockets.map(({ closed }) => closed)).toEqual([false, true, false]);
});

describe('requests at once on one connection', () => {
  it('are answered in order, one at a time', async () => {
    const dist = await startTestDist(await distSite());
    await dist.put('a', Buffer.alloc(4 << 20, 'a'));
    const socket = opened(dist.port, `GET ${pathOf('a')} HTTP/1.1\r\nhost: x\r\n\r\n${ASKS}`);
    await until('both are answered', () => socket.got().endsWith('\r\n\r\nok\n'));
    expect(socket.got().match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    socket.write(ASKS);
    await until('it is asked again', () => socket.got().match(/\nok\n/g)?.length === 2);
  });

  it.each([
    ['plain', false],
    ['TLS', true],
  ])('are cut off where they are many, and nothing is opened for them (%s)', async (_what, isSecure) => {
    const dist = await startTestDist(await distSite());
    await dist.put('a', Buffer.alloc(8 << 20, 'a'));
    const asks = `GET ${pathOf('a')} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(1000);
    const before = (await readdir('/proc/self/fd')).length;
    const socket = isSecure
      ? tlsConnect({ host: '127.0.0.1', port: dist.port, ca: dist.ca, servername: SERVER_NAME })
      : connect(dist.port, '127.0.0.1');
    let most = 0;
    socket.on('error', () => undefined).pause();
    socket.write(asks);
    onTestFinished(() => void socket.destroy());
    await until('it is cut off', async () => {
      most = Math.max(most, (await readdir('/proc/self/fd')).length);
      return (await count(dist)) === 1;
    });
    expect(most - before).toBeLessThan(100);
  });
});

describe('of packages that are not read', () => {
  const asks = `GET ${pathOf('a')} HTTP/1.1\r\nhost: x\r\n\r\n`;
  // More than the kernel takes for somebody who does not read.
  const large = Buffer.alloc(32 << 20, 'a');

  it('only so many go to one address, and it is told to come again', async () => {
    const dist = await startTestDist(await distSite(), { connections: { mostHeld: { ofAddress: 2 } } });
    await dist.put('a', large);
    for (let each = 0; each < 2; each += 1) await notReading(dist, asks);
    expect(await dist.get(pathOf('a'))).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await dist.get(pathOf('a'), { method: 'HEAD' })).status).toBe(200);
    expect((await dist.get('/healthz')).text).toBe('ok\n');
  });

  it('there are always less than places, so that a probe gets in, and another address its package', async () => {
    const connections = { most: { all: 6, ofAddress: 4 }, mostHeld: { all: 4, ofAddress: 3 } };
    const dist = await startTestDist(await distSite(), { connections });
    await dist.put('a', large);
    for (let each = 0; each < 3; each += 1) await notReading(dist, asks, '127.0.0.2');
    // They take the rest of what one address may have, and more.
    for (let each = 0; each < 6; each += 1) opened(dist.port, 'GET /', '127.0.0.2');
    const other = await notReading(dist, asks, '127.0.0.3');
    for (let each = 0; each < 6; each += 1) opened(dist.port, 'GET /', '127.0.0.3');
    expect((await dist.get('/healthz')).text).toBe('ok\n');
    expect((await dist.get(pathOf('a'))).status).toBe(503);
    other.destroy();
    await until('there is a place', async () => (await dist.get(pathOf('a'))).status === 200);
  });

  it.each([
    ['nothing at all is read', 0],
    ['too little is read', 1000],
  ])('one of which %s is cut off, and who reads goes on', async (_what, bytesEach) => {
    const site = await distSite();
    const dist = await startTestDist(site, { pace: { bytesPerMs: 16 << 10, overMs: 500 } });
    await dist.put('a', large);
    const [plain, secure] = [await notReading(dist, asks), await notReading(dist, asks, undefined, true)];
    const reading = setInterval(() => {
      for (const each of [plain, secure]) each.read(bytesEach);
    }, 20);
    onTestFinished(() => clearInterval(reading));
    await until(
      'both are cut off',
      () => site.said('Cut off whoever took a package too slowly').length === 2,
    );
    await until('they are gone', async () => (await count(dist)) === 1);
    expect((await dist.get(pathOf('a'))).body.equals(large)).toBe(true);
  });
});

async function count(dist: TestDist): Promise<number> {
  return Number(/connections (\d+)\n/.exec((await dist.get('/metrics')).text)?.[1]);
}

/** Somebody who has asked, has been given the first bytes of the answer, and reads no more. */
async function notReading(
  { port, ca }: TestDist,
  said: string,
  localAddress = '127.0.0.1',
  isSecure = false,
): Promise<Socket> {
  const shared = { host: '127.0.0.1', port, localAddress };
  const socket = isSecure ? tlsConnect({ ...shared, ca, servername: SERVER_NAME }) : connect(shared);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(said);
  await once(socket, 'readable');
  return socket;
}
