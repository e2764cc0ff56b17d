import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ForgeConfig } from '../../../reconciler/config/forge-config.ts';
import { forgePlace, readForgeLogin } from '../../../reconciler/config/forge-login.ts';

function place(url: string | undefined, forge: Partial<ForgeConfig> = {}) {
  const repository = url === undefined ? undefined : { url, ref: 'main', path: '' };
  return forgePlace({ forge: { kind: 'github', ...forge }, repository });
}

describe('where the forge is', () => {
  it.each([
    ['https://github.com/acme/infra.git', 'https://github.com', 'acme/infra'],
    [
      'https://bot:s3cr3t@github.acme.example:8443/acme/infra/',
      'https://github.acme.example:8443',
      'acme/infra',
    ],
    ['http://localhost:3000/git/acme/infra', 'http://localhost:3000/git', 'acme/infra'],
  ])('is told by the repository’s address %s', (address, url, repository) => {
    expect(place(address)).toEqual({ kind: 'github', url, repository });
  });

  it('is what is configured, where something is', () => {
    const address = 'https://mirror.example/x/y/acme/infra.git';
    expect(place(address, { url: 'https://git.example/' })).toEqual({
      kind: 'github',
      url: 'https://git.example',
      repository: 'acme/infra',
    });
    expect(place(address, { repository: 'a/b' })).toMatchObject({
      url: 'https://mirror.example/x/y',
      repository: 'a/b',
    });
    expect(place('/srv/infra', { url: 'https://git.example', repository: 'a/b', kind: 'gitea' })).toEqual({
      kind: 'gitea',
      url: 'https://git.example',
      repository: 'a/b',
    });
  });

  it('is not taken from a repository that is read in clear, since a token is sent to it', () => {
    for (const host of ['git.example', '10.0.0.7:3000', '127.0.0.1.example', 'localhost.example']) {
      expect(() => place(`http://${host}/acme/infra.git`)).toThrow(
        `The repository’s address http://${host} is not encrypted, and the forge’s token would be sent there.`,
      );
    }
    for (const host of ['127.0.0.1:3000', 'localhost', '[::1]:80', '127.1.2.3']) {
      expect(place(`http://${host}/acme/infra.git`).url).toBe(new URL(`http://${host}`).origin);
    }
    expect(place('http://git.example/acme/infra.git', { url: 'http://git.example' })).toMatchObject({
      url: 'http://git.example',
    });
  });

  it('is asked for where nothing tells it', () => {
    expect(() => place('/srv/infra')).toThrow(
      'Neither forge.url nor the repository’s address says where the forge is.',
    );
    expect(() => place(undefined, { url: 'https://git.example' })).toThrow(
      'Neither forge.repository nor the repository’s address says what it is called on the forge.',
    );
    expect(() => place('https://git.example/infra.git')).toThrow('what it is called on the forge');
  });
});

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

const FILES: Readonly<Record<string, string>> = {
  '/token': 'ghp_file\n',
  '/two-tokens': 's3cr3t\ns3cr3t\n',
  '/no-token': 's3cr3\u0000t',
  '/key.pem': privateKey,
  '/no-key.pem': '-----BEGIN RSA PRIVATE KEY-----\ns3cr3t\n-----END RSA PRIVATE KEY-----\n',
  '/forge-ca.pem': 'forge ca',
  '/repository-ca.pem': 'repository ca',
};

async function login(forge: Partial<ForgeConfig>, env: Record<string, string> = {}) {
  const repository = {
    url: 'https://github.com/acme/infra',
    ref: 'main',
    path: '',
    caFile: '/repository-ca.pem',
  };
  const readFile = (path: string): Promise<string> =>
    path in FILES ? Promise.resolve(FILES[path]!) : Promise.reject(new Error('ENOENT'));
  return await readForgeLogin({ forge: { kind: 'github', ...forge }, repository }, { env, readFile });
}

describe('credentials of the forge', () => {
  it('are a token from its file, or from the environment in its place', async () => {
    expect(await login({ tokenFile: '/token' })).toEqual({ token: 'ghp_file', ca: 'repository ca' });
    expect(await login({ tokenFile: '/token' }, { WEKA_GITOPS_FORGE_TOKEN: 'ghp_env' })).toMatchObject({
      token: 'ghp_env',
    });
    expect(await login({ caFile: '/forge-ca.pem' })).toEqual({ ca: 'forge ca' });
  });

  it('are a GitHub App with its key', async () => {
    const app = { id: 42, privateKeyFile: '/key.pem', installation: 7 };
    expect(await login({ app })).toEqual({
      ca: 'repository ca',
      app: { id: 42, privateKey: privateKey.trim(), installation: 7 },
    });
  });

  it('are refused by name, and without what is in them', async () => {
    await expect(login({ tokenFile: '/gone' })).rejects.toMatchObject({
      code: 'CONFIG',
      message: '/gone, which should hold a credential, cannot be read.',
    });
    const refused: unknown = await login({ app: { id: 42, privateKeyFile: '/no-key.pem' } }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      message: '/no-key.pem does not hold the private key of a GitHub App as PEM.',
    });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('s3cr3t');
    for (const tokenFile of ['/two-tokens', '/no-token']) {
      const odd: unknown = await login({ tokenFile }).catch((error: unknown) => error);
      expect(odd).toMatchObject({
        code: 'CONFIG',
        message: `${tokenFile} does not hold an access token and nothing else.`,
      });
      expect(JSON.stringify(odd, Object.getOwnPropertyNames(odd))).not.toContain('s3cr3');
    }
    await expect(login({}, { WEKA_GITOPS_FORGE_TOKEN: 's3cr3t s3cr3t' })).rejects.toThrow(
      /^WEKA_GITOPS_FORGE_TOKEN does not hold an access token and nothing else\.$/,
    );
    await expect(login({ kind: 'gitea', app: { id: 42, privateKeyFile: '/key.pem' } })).rejects.toThrow(
      'forge.app is of GitHub, and forge.kind is another.',
    );
  });
});
