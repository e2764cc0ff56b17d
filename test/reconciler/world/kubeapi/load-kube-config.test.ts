import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { CertificateAuthority } from '../../../cluster/certificates.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import {
  askWhoIAm,
  aToken,
  BEARER,
  complaint,
  decoded,
  entriesOf,
  folder,
  open,
  whoAmI,
  writeKubeconfig,
} from './fixture.ts';

const control = await sharedCluster();
const given = await control.kubeconfigFor({ user: BEARER });

/** Lets whom kubeconfigs prove us to be act as somebody, once this returns and as long as the test lasts. */
async function mayImpersonate(user: string, groups: readonly string[]): Promise<void> {
  const name = `impersonate-${randomBytes(3).toString('hex')}`;
  const impersonate = (resource: string, resourceNames: readonly string[]) =>
    ({ apiGroups: [''], resources: [resource], resourceNames, verbs: ['impersonate'] }) as const;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await control.api.json('POST', `${rbac}/clusterroles`, {
    metadata: { name },
    rules: [impersonate('users', [user]), impersonate('groups', groups)],
  });
  await control.api.json('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: BEARER }],
  });
  onTestFinished(
    async () => void (await control.kubectl(['delete', 'clusterrole,clusterrolebinding', name])),
  );
  await until('the right to impersonate', async () => {
    const { stdout } = await control.kubectl([
      'auth',
      'can-i',
      'impersonate',
      `users/${user}`,
      '--as',
      BEARER,
    ]);
    return stdout.trim() === 'yes';
  });
}

describe('loadKubeConfig', () => {
  it('proves itself by the client certificate of a kubeconfig', async () => {
    expect(await whoAmI({ kubeconfig: given, env: {} })).toBe(BEARER);
  });

  it('takes KUBECONFIG, of whose files some may be missing', async () => {
    const KUBECONFIG = `/nowhere/config:${given}`;
    expect(await whoAmI({ env: { KUBECONFIG } })).toBe(BEARER);
  });

  it('takes ~/.kube/config last', async () => {
    const path = await folder();
    await mkdir(path('.kube'));
    await writeKubeconfig(path('.kube/config'), control);
    expect(await whoAmI({ env: { HOME: path('') } })).toBe(BEARER);
  });

  it('takes the account of the pod that it runs in', async () => {
    const path = await folder();
    const namespace = await control.namespace();
    const { token, username } = await aToken(control, namespace);
    const { cluster } = await entriesOf(given);
    await writeFile(path('token'), token);
    await writeFile(path('ca.crt'), decoded(cluster['certificate-authority-data']));
    await writeFile(path('namespace'), namespace);
    const { hostname, port } = new URL(control.server);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const api = await open({ env, serviceAccountDir: path('') });

    expect((await askWhoIAm(api)).username).toBe(username);
    expect(api.connection).toMatchObject({ namespace, origin: 'the account of this pod' });
  });

  it('says that no cluster is configured where there is nothing', async () => {
    const path = await folder();
    expect(await complaint(() => loadKubeConfig({ env: { HOME: path('') } }))).toBe(
      'KUBECONFIG: No cluster is configured.\n  hint: Name a kubeconfig by --kubeconfig or KUBECONFIG, or write ~/.kube/config.',
    );
    expect(await complaint(() => loadKubeConfig({ kubeconfig: '/nowhere', env: {} }))).toBe(
      'KUBECONFIG: The kubeconfig /nowhere does not exist.',
    );
  });

  it('tells of an unknown context', async () => {
    const options = { kubeconfig: given, context: 'weka-gitop', env: {} };
    expect(await complaint(() => loadKubeConfig(options))).toContain('hint: Did you mean "weka-gitops"?');
  });

  it('impersonates', async () => {
    const path = await folder();
    await mayImpersonate('jane', ['ops', 'oncall']);
    const { user: bearer } = await entriesOf(given);
    const user = { ...bearer, as: 'jane', 'as-groups': ['ops', 'oncall'] };
    const api = await open({ kubeconfig: await writeKubeconfig(path('config'), control, { user }), env: {} });

    const { username, groups } = await askWhoIAm(api);
    expect(username).toBe('jane');
    expect(groups).toEqual(expect.arrayContaining(['ops', 'oncall']));
  });

  it('reads the kubeconfig again when its token is refused, once for all requests', async () => {
    const path = await folder();
    const { token, username } = await aToken(control, await control.namespace());
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: { token: 'expired' } });
    const api = await open({ kubeconfig, env: {} });
    expect(await complaint(() => askWhoIAm(api))).toBe(
      'API_UNAUTHORIZED: The API server does not accept our credentials.\n' +
        '  hint: The token or certificate of the kubeconfig may have expired, or belong to another cluster.',
    );

    await writeKubeconfig(path('config'), control, { user: { token } });
    const asked = await Promise.all(Array.from({ length: 20 }, () => askWhoIAm(api)));
    expect(new Set(asked.map((user) => user.username))).toEqual(new Set([username]));
  });
});

describe('a file that a kubeconfig names', () => {
  it('is read again when a token was replaced in it', async () => {
    const path = await folder();
    const namespace = await control.namespace();
    const [first, second] = [await aToken(control, namespace), await aToken(control, namespace, 'second')];
    await writeFile(path('token'), `${first.token}\n`);
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: { tokenFile: 'token' } });
    let now = 0;
    const api = await open({ kubeconfig, env: {}, now: () => now });
    expect((await askWhoIAm(api)).username).toBe(first.username);

    await writeFile(path('token'), second.token);
    now += 1000;
    expect((await askWhoIAm(api)).username).toBe(second.username);
  });

  it('is read again when a certificate was replaced in it, while requests go on', async () => {
    const path = await folder();
    const write = async (user: string): Promise<void> => {
      const entries = await entriesOf(await control.kubeconfigFor({ user }));
      await writeFile(path('tls.crt'), decoded(entries.user['client-certificate-data']));
      await writeFile(path('tls.key'), decoded(entries.user['client-key-data']));
    };
    await write('jane');
    const user = { 'client-certificate': 'tls.crt', 'client-key': 'tls.key' };
    let now = 0;
    const kubeconfig = await writeKubeconfig(path('config'), control, { user });
    const api = await open({ kubeconfig, env: {}, now: () => now });
    expect((await askWhoIAm(api)).username).toBe('jane');

    const underWay = Promise.all(Array.from({ length: 20 }, () => askWhoIAm(api)));
    await write('joan');
    now += 1000;
    expect((await askWhoIAm(api)).username).toBe('joan');
    expect(await underWay).toHaveLength(20);
  });

  it('is named when it is missing', async () => {
    const path = await folder();
    const kubeconfig = await writeKubeconfig(path('config'), control, { user: { tokenFile: 'token' } });
    expect(await complaint(() => whoAmI({ kubeconfig, env: {} }))).toBe(
      `KUBECONFIG: ${path('token')}, which should hold our token, cannot be read.`,
    );
  });
});

describe('the server’s certificate', () => {
  it.each([
    ['for another name', { 'tls-server-name': 'elsewhere.example' }, 'its certificate is for another name.'],
    [
      'of an unknown authority',
      { 'certificate-authority-data': '' },
      'its certificate is signed by an authority that we do not know.',
    ],
    ['with a garbled authority', { 'certificate-authority-data': btoa('-----BEGIN') }, 'cannot be trusted'],
  ])('is not believed: %s', async (_, cluster, expected) => {
    const path = await folder();
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster });
    const said = await complaint(() => whoAmI({ kubeconfig, env: {} }));
    expect(said).toMatch(/^API_UNTRUSTED: The API server at https:\/\/127\.0\.0\.1:\d+ cannot be trusted: /);
    expect(said).toContain(expected);
  });

  it('of another authority than the kubeconfig’s is not believed', async () => {
    const path = await folder();
    const other = CertificateAuthority.create('another authority').certificate;
    const cluster = { 'certificate-authority-data': btoa(other) };
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster });
    expect(await complaint(() => whoAmI({ kubeconfig, env: {} }))).toMatch(/^API_UNTRUSTED: /);
  });

  it('is not looked at where the kubeconfig says so', async () => {
    const path = await folder();
    const cluster = { 'certificate-authority-data': '', 'insecure-skip-tls-verify': true };
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster });
    expect(await whoAmI({ kubeconfig, env: {} })).toBe(BEARER);
  });

  it('may be for the name that tls-server-name gives', async () => {
    const path = await folder();
    const cluster = { 'tls-server-name': 'kubernetes.default.svc' };
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster });
    expect(await whoAmI({ kubeconfig, env: {} })).toBe(BEARER);
  });

  it('is not asked for over plain HTTP, which an API server does not speak', async () => {
    const path = await folder();
    const cluster = { server: control.server.replace('https:', 'http:') };
    const kubeconfig = await writeKubeconfig(path('config'), control, { cluster });
    expect(await complaint(() => whoAmI({ kubeconfig, env: {} }))).toBe(
      'API_UNAVAILABLE: selfsubjectreviews: the API server answered 400.\n' +
        '  hint: Something else than an API server may stand at that address, or in between.',
    );
  });
});
