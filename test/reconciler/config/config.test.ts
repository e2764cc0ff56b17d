import { describe, expect, it } from 'vitest';
import type { Flags } from '../../../reconciler/args.ts';
import { ConfigError } from '../../../reconciler/config/config-error.ts';
import { loadConfig } from '../../../reconciler/config/config.ts';

/** Loads the configuration from these files and variables. */
function load(flags: Flags = {}, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const readFile = (path: string) => {
    const text = files[path];
    return text === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(text);
  };
  return loadConfig(flags, { env: { HOME: '/home/ada', ...env }, readFile });
}

/** What a person is told whose configuration is this. */
async function complaint(text: string): Promise<string> {
  const error: unknown = await load({ config: 'c.yaml' }, {}, { 'c.yaml': text }).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error('It was taken.');
  return error.message;
}

describe('the configuration', () => {
  it('has a default for everything but the repository', async () => {
    expect(await load()).toMatchObject({
      cluster: 'default',
      installation: { name: 'weka-gitops', namespace: 'weka-gitops-system' },
      ceilings: { kinds: [] },
      status: { enabled: true },
    });
    expect((await load()).repository).toBeUndefined();
  });

  it('is read from the file, then the environment, then the flags', async () => {
    const files = { 'c.yaml': 'cluster: file\nrepository: { url: https://file, ref: file, path: file }' };
    const env = { WEKA_GITOPS_CONFIG: 'c.yaml', WEKA_GITOPS_REF: 'env', WEKA_GITOPS_PATH: 'env' };
    const { cluster, repository } = await load({ path: 'flag' }, env, files);
    expect(cluster).toBe('file');
    expect(repository).toMatchObject({ url: 'https://file', ref: 'env', path: 'flag' });
  });

  it('takes credentials from files or the environment', async () => {
    const files = {
      'c.yaml': 'repository: { url: https://x, tokenFile: t, passwordFile: p }',
      t: 'tok\n',
      p: 'pass\n',
    };
    expect(await load({ config: 'c.yaml' }, {}, files)).toMatchObject({ token: 'tok', password: 'pass' });
    expect(await load({ config: 'c.yaml' }, { WEKA_GITOPS_TOKEN: 'other' }, files)).toMatchObject({
      token: 'other',
    });
  });

  it('says where it is wrong', async () => {
    expect(await complaint('cluster: [')).toMatch(/^c\.yaml:1:\d+ is not valid YAML\.$/);
    expect(await complaint('- a')).toBe('c.yaml does not hold a map of settings.');
    expect(await complaint('cluster: Not A Name')).toMatch(/^c\.yaml: cluster: /);
    expect(await complaint('repository: { url: x, branch: main }')).toMatch(/^c\.yaml: repository: .*branch/);
  });

  it('checks names, kinds and addresses before anything is asked', async () => {
    expect(await complaint('cluster: a..b')).toBe(
      'c.yaml: cluster: must be lower-case letters, digits and -, at most 63.',
    );
    expect(await complaint('kubernetes: hall-1')).toMatch(/^c\.yaml: kubernetes: .*expected object/);
    expect(await complaint('installation: { name: Bad Name }')).toMatch(
      /^c\.yaml: installation\.name: must be/,
    );
    expect(await complaint('installation: { namespace: kube-system }')).toBe(
      'c.yaml: installation.namespace: must be a namespace of its own.',
    );
    expect(await complaint('installation: { agentNamespace: default }')).toBe(
      'c.yaml: installation.agentNamespace: must be a namespace of its own.',
    );
    expect(await complaint('installation: { namespace: a, agentNamespace: a }')).toBe(
      'c.yaml: installation.agentNamespace: must be another namespace than installation.namespace.',
    );
    // An agent has no power to listen below 1024.
    expect(await complaint('installation: { agentProbePort: 80 }')).toMatch(
      /^c\.yaml: installation\.agentProbePort: /,
    );
    expect(await complaint('ceilings: { namespaces: [weka, weka-gitops-nodes] }')).toBe(
      'c.yaml: ceilings.namespaces.1: must not name weka-gitops-nodes, which is installation.agentNamespace.',
    );
    expect(await complaint('ceilings: { namespaces: [weka-gitops-system] }')).toBe(
      'c.yaml: ceilings.namespaces.0: must not name weka-gitops-system, which is installation.namespace.',
    );
    expect(await complaint('ceilings: { kinds: [Nope] }')).toMatch(
      /^c\.yaml: ceilings\.kinds\.0: must be one of Pod, Role/,
    );
    for (const address of ['drivers.example.com', 'https://a:b@drivers.example.com', 'https://a.test/?x']) {
      expect(await complaint(`ceilings: { driverRegistries: ["${address}"] }`)).toBe(
        'c.yaml: ceilings.driverRegistries.0: must be an http:// or https:// address without a user or a query.',
      );
    }
    expect(await complaint('run: { listen: nowhere }')).toBe('c.yaml: run.listen: must be host:port.');
  });

  it('names the flag or variable that is wrong, and not the file', async () => {
    const files = { 'c.yaml': 'repository: { url: https://x }' };
    await expect(load({ config: 'c.yaml', ref: '' }, {}, files)).rejects.toThrow(/^--ref: /);
    await expect(load({ config: 'c.yaml' }, { WEKA_GITOPS_CLUSTER: 'A' }, files)).rejects.toThrow(
      /^WEKA_GITOPS_CLUSTER: /,
    );
  });

  it('says which file cannot be read, and not what was in it', async () => {
    await expect(load({ config: 'none.yaml' })).rejects.toThrow(
      'none.yaml, which should hold the configuration, cannot be read.',
    );
    await expect(load({ config: 'c' }, {}, { c: 'repository: { url: x, tokenFile: gone }' })).rejects.toThrow(
      'gone, which should hold a credential, cannot be read.',
    );
  });

  it('takes the file with the age key from the file, SOPS’s variable, then our own', async () => {
    const files = { 'c.yaml': 'decryption: { ageKeyFile: file, pgpKeyFile: pgp }' };
    const keyFile = async (env: Record<string, string>) =>
      (await load({ config: 'c.yaml' }, env, files)).decryption.ageKeyFile;
    expect(await keyFile({})).toBe('file');
    expect(await keyFile({ SOPS_AGE_KEY_FILE: 'sops' })).toBe('sops');
    expect(await keyFile({ SOPS_AGE_KEY_FILE: 'sops', WEKA_GITOPS_AGE_KEY_FILE: 'ours' })).toBe('ours');
    expect(await keyFile({ WEKA_GITOPS_AGE_KEY_FILE: '' })).toBe('file');
  });

  it.each([
    [
      'repository: { url: /r, verify: {} }',
      'c.yaml: repository.verify: must name allowedSignersFile or pgpKeysFile.',
    ],
    ['status: { signing: {} }', 'c.yaml: status.signing: must name either sshKeyFile or pgpKeyFile.'],
    [
      'status: { signing: { sshKeyFile: a, pgpKeyFile: b } }',
      'c.yaml: status.signing: must name either sshKeyFile or pgpKeyFile.',
    ],
  ])('takes no %s', async (text, message) => {
    expect(await complaint(text)).toBe(message);
  });
});
