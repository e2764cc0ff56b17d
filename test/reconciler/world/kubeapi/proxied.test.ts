import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../../../cluster/shared.ts';
import { askWhoIAm, BEARER, complaint, folder, open, whoAmI, writeKubeconfig } from './fixture.ts';

const control = await sharedCluster();

interface Asked {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
}

/** A CONNECT proxy that notes what it was asked for, and answers with `status`. */
async function proxy(status = 200): Promise<{ readonly url: string; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer();
  server.on('connect', ({ url, headers }, socket) => {
    asked.push({ url, authorization: headers['proxy-authorization'] });
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [
      [onward, socket],
      [socket, onward],
    ] as const) {
      one.on('error', () => other.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://me:s3cr3t@127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a proxy that the kubeconfig names', () => {
  it('is gone through', async () => {
    const path = await folder();
    const { url, asked } = await proxy();
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster: { 'proxy-url': url } });
    const api = await open({ kubeconfig, env: {} });

    for (let n = 0; n < 10; n++) expect((await askWhoIAm(api)).username).toBe(BEARER);
    const { host } = new URL(control.server);
    expect(asked[0]).toEqual({ url: host, authorization: `Basic ${btoa('me:s3cr3t')}` });
    expect(asked.length, 'tunnels').toBeLessThan(4);
  });

  it('is told of when it does not let us through, without its password', async () => {
    const path = await folder();
    const { url } = await proxy(403);
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster: { 'proxy-url': url } });
    const said = await complaint(() => whoAmI({ kubeconfig, env: {} }));
    expect(said).toContain('cannot be reached: the proxy does not let us through.');
    expect(said).not.toContain('s3cr3t');
  });

  it('is told of when it is not there', async () => {
    const path = await folder();
    const kubeconfig = await writeKubeconfig(path('config'), control, {
      cluster: { 'proxy-url': 'http://127.0.0.1:1' },
    });
    expect(await complaint(() => whoAmI({ kubeconfig, env: {} }))).toMatch(
      /^API_UNREACHABLE: .*refuses connections\./,
    );
  });
});
