import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ExecPlugin } from '../../../../reconciler/world/kubeapi/exec-plugin.ts';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import {
  askWhoIAm,
  aToken,
  complaint,
  decoded,
  entriesOf,
  folder,
  open,
  whoAmI,
  writeKubeconfig,
} from './fixture.ts';

const control = await sharedCluster();
const env = { PATH: process.env['PATH'] };

/** A plugin that a shell script is, and the kubeconfig that names it. The script finds in ANSWER what to print. */
class Plugin {
  readonly path: (name: string) => string;
  readonly exec: Readonly<Record<string, unknown>>;

  static async of(script: string): Promise<Plugin> {
    const path = await folder();
    await writeFile(path('runs'), '');
    await writeFile(path('plugin.sh'), `echo run >> ${path('runs')}\n${script}\n`);
    return new Plugin(path);
  }

  private constructor(path: (name: string) => string) {
    this.path = path;
    this.exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: [path('plugin.sh')],
      env: [{ name: 'ANSWER', value: path('answer') }],
    };
  }

  async kubeconfig(more: object = {}): Promise<string> {
    return await writeKubeconfig(this.path('config'), control, { user: { exec: { ...this.exec, ...more } } });
  }

  async answers(status: object, name = 'answer'): Promise<void> {
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    await writeFile(this.path(name), JSON.stringify(credential));
  }

  async runs(): Promise<number> {
    return (await readFile(this.path('runs'), 'utf8')).split('\n').length - 1;
  }
}

describe('a credential plugin', () => {
  it('gives the token, and is asked again only when that has expired', async () => {
    const namespace = await control.namespace();
    const [first, second] = [await aToken(control, namespace), await aToken(control, namespace, 'second')];
    const plugin = await Plugin.of('cat "$ANSWER"');
    const expirationTimestamp = '2030-01-01T00:00:00Z';
    await plugin.answers({ token: first.token, expirationTimestamp });
    let now = Date.parse('2029-12-31T00:00:00Z');
    const api = await open({ kubeconfig: await plugin.kubeconfig(), env, now: () => now });
    await Promise.all([askWhoIAm(api), askWhoIAm(api)]);
    expect((await askWhoIAm(api)).username).toBe(first.username);
    expect(await plugin.runs()).toBe(1);

    await plugin.answers({ token: second.token, expirationTimestamp });
    now = Date.parse(expirationTimestamp);
    expect((await askWhoIAm(api)).username).toBe(second.username);
    expect(await plugin.runs()).toBe(2);
  });

  it('is asked again when its token is refused', async () => {
    const { token, username } = await aToken(control, await control.namespace());
    const plugin = await Plugin.of('cat "$ANSWER"; cp "$ANSWER.next" "$ANSWER"');
    await plugin.answers({ token: 'revoked' });
    await plugin.answers({ token }, 'answer.next');

    expect(await whoAmI({ kubeconfig: await plugin.kubeconfig(), env })).toBe(username);
    expect(await plugin.runs()).toBe(2);
  });

  it('gives a client certificate', async () => {
    const { user } = await entriesOf(await control.kubeconfigFor({ user: 'jane' }));
    const plugin = await Plugin.of('cat "$ANSWER"');
    await plugin.answers({
      clientCertificateData: decoded(user['client-certificate-data']),
      clientKeyData: decoded(user['client-key-data']),
    });
    expect(await whoAmI({ kubeconfig: await plugin.kubeconfig(), env })).toBe('jane');
  });

  it('is looked for beside its kubeconfig where it is named by a path', async () => {
    const { token, username } = await aToken(control, await control.namespace());
    const plugin = await Plugin.of('cat "$ANSWER"');
    await plugin.answers({ token });
    await writeFile(plugin.path('beside'), `#!/bin/sh\nexec /bin/sh ${plugin.path('plugin.sh')}\n`, {
      mode: 0o700,
    });
    const kubeconfig = await plugin.kubeconfig({ command: './beside', args: null });
    expect(await whoAmI({ kubeconfig, env })).toBe(username);
  });

  it('is told about the cluster where it wants to know', async () => {
    const { token } = await aToken(control, await control.namespace());
    const plugin = await Plugin.of('printf %s "$KUBERNETES_EXEC_INFO" > "$ANSWER.info"; cat "$ANSWER"');
    await plugin.answers({ token });
    await whoAmI({ kubeconfig: await plugin.kubeconfig({ provideClusterInfo: true }), env });

    const info: unknown = JSON.parse(await readFile(plugin.path('answer.info'), 'utf8'));
    const { server } = control;
    expect(info).toMatchObject({ kind: 'ExecCredential', spec: { interactive: false, cluster: { server } } });
  });

  it('that fails is named, and nothing of what it printed is repeated', async () => {
    const plugin = await Plugin.of('echo s3cr3t; echo s3cr3t >&2; exit 3');
    expect(await complaint(async () => whoAmI({ kubeconfig: await plugin.kubeconfig(), env }))).toBe(
      'KUBECONFIG: The credential plugin /bin/sh ended with exit code 3.\n' +
        '  hint: kubectl with the same kubeconfig shows what the plugin has to say.',
    );
    const garbled = await Plugin.of('echo s3cr3t');
    const said = await complaint(async () => whoAmI({ kubeconfig: await garbled.kubeconfig(), env }));
    expect(said).toContain('did not print an ExecCredential with a token or a certificate.');
    expect(said).not.toContain('s3cr3t');
  });

  it('that hangs is ended', async () => {
    const { exec } = await Plugin.of('sleep 600');
    const cluster = {
      server: control.server,
      ca: undefined,
      tlsServerName: undefined,
      insecure: false,
      proxyUrl: undefined,
    };
    const plugin = new ExecPlugin(exec, { cluster, env, now: Date.now, timeoutMs: 200 });
    expect(await complaint(() => plugin.credentials())).toContain(
      'KUBECONFIG: The credential plugin /bin/sh did not end within 0.2 s.',
    );
  });

  it('that hangs is ended with its client', async () => {
    const plugin = await Plugin.of('sleep 600');
    const kubeconfig = await plugin.kubeconfig();
    const api = new KubeApi(await loadKubeConfig({ kubeconfig, env }));
    const stop = new AbortController();
    const read = complaint(() => api.request('GET', '/version', { signal: stop.signal }));
    await until('it runs', async () => (await plugin.runs()) > 0);
    stop.abort(new Error('SIGTERM'));
    await expect(read).rejects.toThrow('SIGTERM');
    const again = complaint(() => api.request('GET', '/version'));
    await api.close();
    expect(await again).toContain('KUBECONFIG: The credential plugin /bin/sh ');
  });

  it('that would ask questions is not started', async () => {
    const plugin = await Plugin.of('cat "$ANSWER"');
    const kubeconfig = await plugin.kubeconfig({ interactiveMode: 'Always' });
    expect(await complaint(() => whoAmI({ kubeconfig, env }))).toContain('asks questions');
    expect(await plugin.runs()).toBe(0);
  });

  it('that is not installed is told with its own hint', async () => {
    const path = await folder();
    const exec = { command: 'no-such-plugin', installHint: 'Get it from the intranet.' };
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: { exec } });
    expect(await complaint(() => whoAmI({ kubeconfig, env }))).toBe(
      'KUBECONFIG: The credential plugin no-such-plugin cannot be started.\n  hint: Get it from the intranet.',
    );
  });
});

describe('an auth-provider, as older kubeconfigs have it', () => {
  const user = (command: string, answer = '') => ({
    'auth-provider': {
      name: 'gcp',
      config: {
        'cmd-path': command,
        'cmd-args': answer,
        'token-key': '{.token}',
        'expiry-key': '{.expires}',
      },
    },
  });

  it('gives the token', async () => {
    const path = await folder();
    const { token, username } = await aToken(control, await control.namespace());
    await writeFile(path('answer'), JSON.stringify({ token, expires: '2090-01-01T00:00:00Z' }));
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: user('cat', path('answer')) });
    expect(await whoAmI({ kubeconfig, env })).toBe(username);
  });

  it('that gives none is named', async () => {
    const path = await folder();
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: user('true') });
    expect(await complaint(() => whoAmI({ kubeconfig, env }))).toContain(
      'KUBECONFIG: The auth-provider "gcp" of the kubeconfig gives no token.',
    );
  });
});
