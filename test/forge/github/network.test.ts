import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CertificateAuthority } from '../../cluster/certificates.ts';
import { githubFixture } from './fixture.ts';

const { standIn, forgeAt } = await githubFixture();

const authority = CertificateAuthority.create('Acme');
const identity = authority.issue({
  commonName: 'github.acme.example',
  hosts: ['127.0.0.1', 'github.acme.example'],
});

/** A proxy that answers CONNECT with `status`, and leads all of it to one address. */
async function proxyTo(address: string, status = 200) {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const target = connect(Number(new URL(address).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    target.on('error', () => socket.destroy());
    return socket.on('error', () => target.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

describe('a GitHub Enterprise server', () => {
  it('is trusted by the CA that is configured, and not without it', async () => {
    const github = await standIn(identity);
    const trusting = await forgeAt(github, {
      credentials: () => Promise.resolve({ token: 'ghp_ours', ca: authority.certificate }),
    });
    const doubting = await forgeAt(github);

    expect(await trusting.self()).toBe('weka-bot');
    await expect(doubting.self()).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
      message: expect.stringContaining('its certificate is not trusted (') as string,
      hint: expect.stringContaining('forge.caFile') as string,
    });
  });

  it('is trusted by a new CA once that is in the file, and nothing is sent twice for it', async () => {
    const github = await standIn(identity);
    github.state.pull(7);
    let ca = CertificateAuthority.create('Another').certificate;
    const forge = await forgeAt(github, { credentials: () => Promise.resolve({ token: 'ghp_ours', ca }) });
    await expect(forge.comment(7, 'One')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });

    ca = authority.certificate;

    await expect(forge.comment(7, 'Two')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    expect(await forge.comment(7, 'Three')).toMatchObject({ text: 'Three' });
    expect(github.state.comments.size).toBe(1);
  });

  it('is reached through the proxy that the environment names', async () => {
    const github = await standIn(identity);
    const proxy = await proxyTo(github.url);
    const forge = await forgeAt(github, {
      url: 'https://github.acme.example',
      credentials: () => Promise.resolve({ token: 'ghp_ours', ca: authority.certificate }),
      proxyEnv: { HTTPS_PROXY: proxy.url },
    });

    expect(await forge.self()).toBe('weka-bot');
    expect(proxy.asked).toEqual(['github.acme.example:443']);
  });

  it('is told as out of reach where the proxy does not let us through, or cannot be used', async () => {
    const github = await standIn();
    const proxy = await proxyTo(github.url, 407);
    const at = (proxyEnv: Record<string, string>) =>
      forgeAt(github, { url: 'https://github.acme.example', proxyEnv, retries: 0 });

    await expect((await at({ HTTPS_PROXY: proxy.url })).self()).rejects.toThrow(
      'GitHub at github.acme.example cannot be reached: the proxy does not let us through (407).',
    );
    await expect((await at({ HTTPS_PROXY: 'socks5://me:s3cr3t@proxy:1080' })).self()).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
      message: 'HTTPS_PROXY names a proxy of the kind socks5, which is not supported.',
    });
  });

  it('gets the distances between writes that GitHub asks for', async () => {
    const github = await standIn();
    const forge = await forgeAt(github, { throttle: true });
    const commit = '1'.repeat(40) as Parameters<typeof forge.setCommitStatus>[0];
    const write = (state: 'pending' | 'success') =>
      forge.setCommitStatus(commit, { context: 'x', state, description: 'y' });

    const started = performance.now();
    await Promise.all([write('pending'), write('success')]);

    expect(performance.now() - started).toBeGreaterThan(900);
    expect(github.heard).toHaveLength(2);
  });
});
