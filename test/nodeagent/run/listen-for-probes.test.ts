import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenForProbes } from '../../../nodeagent/run/listen-for-probes.ts';

const SILENT = { info: () => undefined, warn: () => undefined };

async function listening(port = 0) {
  const said = { stuck: [] as string[], waits: [] as string[] };
  const health = { stuck: () => said.stuck, waits: () => said.waits };
  const probes = await listenForProbes({ host: '127.0.0.1', port }, health, SILENT);
  onTestFinished(() => probes.close());
  const ask = async (page: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${probes.port}${page}`, { method });
    return { status: response.status, text: await response.text() };
  };
  /** Sends bytes as they are; gives the first line of the answer once the connection is closed. */
  const send = async (bytes: string) => {
    const socket = connect(probes.port, '127.0.0.1');
    socket.write(bytes);
    return (await text(socket)).split('\r\n')[0];
  };
  return { said, probes, ask, send };
}

describe('the probes of an agent', () => {
  it('answer whether it lives and whether it is ready, and why not', async () => {
    const { said, ask } = await listening();
    for (const page of ['/livez', '/readyz']) expect(await ask(page)).toEqual({ status: 200, text: 'ok\n' });
    said.waits.push('One thing.', 'Another.');
    expect(await ask('/readyz')).toEqual({ status: 503, text: 'One thing.\nAnother.\n' });
    expect(await ask('/readyz', 'HEAD')).toEqual({ status: 503, text: '' });
    expect(await ask('/livez')).toMatchObject({ status: 200 });
    said.stuck.push('It hangs.');
    expect(await ask('/livez')).toEqual({ status: 503, text: 'It hangs.\n' });
  });

  it('answer nothing else', async () => {
    const { ask, send } = await listening();
    for (const page of ['/', '/metrics', '/livez/x', '/readyz?verbose', '/constructor']) {
      expect(await ask(page)).toMatchObject({ status: 404 });
    }
    expect(await ask('/livez', 'POST')).toMatchObject({ status: 405 });
    expect(await send(`GET /livez HTTP/1.1\r\nx: ${'x'.repeat(5000)}\r\n\r\n`)).toContain(' 431 ');
    expect(await send('\u0016\u0003\u0001 no HTTP\r\n\r\n')).toContain(' 400 ');
  });

  it('are answered though somebody keeps many connections open', async () => {
    const { ask, probes } = await listening();
    const sockets = Array.from({ length: 40 }, () => connect(probes.port, '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    await Promise.all(sockets.map(async (socket) => void (await once(socket, 'connect'))));
    expect(await ask('/livez')).toMatchObject({ status: 200 });
  });

  it('are refused where somebody else would answer them', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    await expect(listening(port)).rejects.toMatchObject({
      code: 'LISTEN',
      message: `Probes cannot be answered at 127.0.0.1:${port}: another process listens there.`,
      hint: expect.stringMatching(/^Give each agent .* installation\.agentProbePort /),
    });
  });
});
