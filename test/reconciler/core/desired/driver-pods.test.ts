import { programCommand } from '../../../../schemas/drivers/programs.ts';
import { describe, expect, it } from 'vitest';
import type { DriverTarget } from '../../../../schemas/drivers/target.ts';
import type { DriverPodWanted } from '../../../../reconciler/core/drivers/decision.ts';
import { driverWorkOrder } from '../../../../reconciler/core/drivers/work-annotation.ts';
import { type DriverPodsContext, withDriverPods } from '../../../../reconciler/core/desired/driver-pods.ts';
import { record } from '../../../../reconciler/core/kube/json.ts';
import { gainedByPods } from '../../../../reconciler/core/plan/risk/pod-privileges.ts';
import { compare } from '../../../../reconciler/core/plan/compare.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { builtOf, CONTEXT, driversPolicy, IMAGE, podOf } from './read-specs.ts';

const TARGET: DriverTarget = { version: '4.4.5', kernel: '6.8.0-45-generic', architecture: 'x86_64' };
const WEKA = 'quay.io/weka.io/weka-in-container:4.4.5';
const PACKAGE = {
  ...TARGET,
  file: 'weka-driver-ab-cd.zip',
  sha256: 'a'.repeat(64),
  bytes: 1,
  layout: 'vendor',
} as const;
const CLUSTER = {
  apiVersion: 'weka.weka.io/v1alpha1',
  kind: 'WekaCluster',
  metadata: { name: 'demo', namespace: 'storage' },
  spec: {
    image: WEKA,
    template: 'dynamic',
    driversDistService: 'http://drivers-dist.weka.svc.cluster.local:60002',
    dynamicTemplate: { computeContainers: 6, driveContainers: 6 },
    nodeSelector: {},
  },
};

const id = (kind: string, namespace: string, name: string) =>
  `weka.weka.io/v1alpha1/${kind}/${namespace}/${name}` as ObjectId;
const POLICY = id('WekaPolicy', 'weka', 'drivers');

function wanted(more: Partial<DriverPodWanted> & Pick<DriverPodWanted, 'does'>): DriverPodWanted {
  return {
    service: 'weka/drivers-dist',
    target: TARGET,
    node: 'node-1',
    owner: POLICY,
    image: WEKA,
    ...more,
  };
}

/** The pods that are wanted, beside what these manifests ask for. */
function pods(
  manifests: readonly (string | object)[],
  these: readonly DriverPodWanted[],
  context: Partial<DriverPodsContext> = {},
) {
  const { parsed, objects } = builtOf(...manifests);
  const known = new Set(objects.map((each) => each.id));
  const all = withDriverPods(objects, these, {
    ...CONTEXT,
    specs: parsed.specs,
    live: new Map(),
    ...context,
  });
  return {
    all,
    added: all.filter((each) => !known.has(each.id)),
    of: (pod: string) => all.find((each) => each.id === `v1/Pod/${pod}`),
  };
}

/** What ends before the container of a pod begins. */
function initsOf(
  object: KubeObject | undefined,
): readonly { name: string; image: string; volumeMounts: object[] }[] {
  return (object as { spec?: { initContainers?: [] } } | undefined)?.spec?.initContainers ?? [];
}

const onNode = (name: string) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
    },
  },
});

describe('the builder of a policy', () => {
  it('is called and labelled as the operator’s, by image, architecture and kernel', () => {
    const [pod, ...rest] = pods([driversPolicy('drivers')], [wanted({ does: 'build' })]).added;
    expect(rest).toEqual([]);
    const { metadata } = pod?.object ?? {};
    expect(metadata?.name).toMatch(/^drivers-builder-[0-9a-f]{8}-amd64-6-8-0-45-generic$/);
    expect(metadata?.namespace).toBe('weka');
    expect(metadata?.labels).toMatchObject({
      'weka.io/policy-name': 'drivers',
      'weka.io/mode': 'drivers-builder',
      'weka.io/target-kernel': '6.8.0-45-generic',
      'weka.io/target-arch': 'amd64',
      'weka.io/target-image-hash': metadata?.name?.split('-')[2],
      'applyset.kubernetes.io/part-of': 'applyset-x-v1',
    });
    expect(pod?.source).toBe('0.yaml:1');
  });

  it('has the files of the release beside the packages that it makes', () => {
    const [pod] = pods([driversPolicy('drivers')], [wanted({ does: 'build' })]).added;
    const { mounts } = podOf(pod?.object);
    expect(mounts).toMatchObject({ packages: '/opt/weka/dist/drivers' });
    expect(initsOf(pod?.object).map(({ name }) => name)).toEqual(['programs']);
  });

  it('has the files of WEKA’s image copied beside an image that only builds', () => {
    const override = driversPolicy('drivers', { builderImageOverride: 'tools/ubuntu24:1' });
    const [pod] = pods([override], [wanted({ does: 'build' })]).added;
    const { container, mounts } = podOf(pod?.object);
    expect(container).toMatchObject({ image: 'tools/ubuntu24:1' });
    expect(initsOf(pod?.object)[1]).toMatchObject({
      name: 'copy-weka-version',
      image: WEKA,
      volumeMounts: [{ name: 'weka-version', mountPath: '/shared-weka-version' }],
    });
    expect(mounts).toMatchObject({ 'weka-version': '/shared-weka-version' });
  });

  it('builds with the image and the headers that the settings name for the system of its node', () => {
    const toolchain = { image: 'tools/rhel9:1', headersImage: 'openshift/driver-toolkit@sha256:ab' };
    const [pod] = pods([driversPolicy('drivers')], [wanted({ does: 'build', toolchain })]).added;
    const { container, mounts, volumes } = podOf(pod?.object);
    expect(container).toMatchObject({ image: 'tools/rhel9:1' });
    expect(initsOf(pod?.object).map(({ name, image }) => [name, image])).toEqual([
      ['programs', CONTEXT.image],
      ['copy-weka-version', WEKA],
      ['headers', 'openshift/driver-toolkit@sha256:ab'],
    ]);
    expect(mounts).toMatchObject({ 'headers-lib-modules': '/lib/modules', 'headers-usr-src': '/usr/src' });
    expect(mounts).not.toHaveProperty('lib-modules');
    expect(volumes).toMatchObject({
      'headers-lib-modules': { emptyDir: {} },
      'headers-usr-src': { emptyDir: {} },
    });

    const override = driversPolicy('drivers', { builderImageOverride: 'tools/ubuntu24:1' });
    const [other] = pods([override], [wanted({ does: 'build', toolchain })]).added;
    expect(podOf(other?.object).container).toMatchObject({ image: 'tools/ubuntu24:1' });
  });

  it('runs on the node that was chosen, sees its headers, and may upload to the service', () => {
    const [pod] = pods([driversPolicy('drivers')], [wanted({ does: 'build' })]).added;
    const { spec, container, env, volumes, mounts } = podOf(pod?.object);
    expect(spec).toMatchObject({
      affinity: onNode('node-1'),
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: false,
      priorityClassName: 'weka-targeted-no-evict',
    });
    expect(container).toMatchObject({
      image: WEKA,
      command: programCommand('build'),
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    });
    expect(env).toMatchObject({
      WEKA_VERSION: '4.4.5',
      EXPECTED_KERNEL: '6.8.0-45-generic',
      IMAGE_NAME: WEKA,
      UPLOAD_URL: 'https://drivers-dist.weka.svc:60002',
      UPLOAD_SERVER_NAME: 'drivers-dist.weka.svc.cluster.local',
    });
    expect(volumes['certificate-upload']).toEqual({ secret: { secretName: 'drivers-dist-upload' } });
    expect(mounts).toMatchObject({
      'certificate-upload': '/var/run/secrets/weka-gitops/upload',
      'lib-modules': '/lib/modules',
      'usr-src': '/usr/src',
    });
  });

  it('is told where its node has only the headers of the kernel, and will boot it', () => {
    const aheadOf = (more: Partial<DriverPodWanted>) =>
      podOf(pods([driversPolicy('drivers')], [wanted({ does: 'build', ...more })]).added[0]?.object).env[
        'BUILD_AHEAD'
      ];
    expect([aheadOf({ isAhead: true }), aheadOf({})]).toEqual(['true', undefined]);
  });

  it('does as each field of the policy says', () => {
    const policy = driversPolicy(
      'drivers',
      {
        builderImageOverride: 'quay.io/weka.io/builder:ubuntu24',
        builderPreRunScript: 'apt-get update',
        builder: { extraBuildArgs: ['--debug', 'a b'] },
        buildTimeout: '1h30m',
      },
      {
        imagePullSecret: 'quay',
        serviceAccountName: 'builds',
        tolerations: [{ key: 'a', operator: 'Exists' }],
      },
    );
    const { spec, container, env } = podOf(pods([policy], [wanted({ does: 'build' })]).added[0]?.object);
    expect(container['image']).toBe('quay.io/weka.io/builder:ubuntu24');
    expect(env).toMatchObject({
      PRE_RUN_SCRIPT: Buffer.from('apt-get update').toString('base64'),
      EXTRA_BUILD_ARGS: '["--debug","a b"]',
      BUILD_TIMEOUT_SECONDS: '5400',
    });
    expect(spec).toMatchObject({ imagePullSecrets: [{ name: 'quay' }], serviceAccountName: 'builds' });
    expect(spec['tolerations']).toContainEqual({ key: 'a', operator: 'Exists' });
  });

  it('has only what its container may do by itself where a script has packages to install', () => {
    const policy = driversPolicy('drivers', { builderPreRunScript: 'apt-get update' });
    const [pod] = pods([policy], [wanted({ does: 'build' })]).added;
    const { securityContext } = podOf(pod?.object).container;
    expect(securityContext).toEqual({ allowPrivilegeEscalation: false });
    expect(pod && gainedByPods(pod.object, undefined)).toEqual([]);
  });

  it.each([
    ['6.1.0-50-cloud-amd64', '/usr/lib/linux-kbuild-6.1'],
    ['6.12.94+deb13-cloud-amd64', '/usr/lib/linux-kbuild-6.12.94+deb13'],
    ['6.12.94+deb13-arm64', '/usr/lib/linux-kbuild-6.12.94+deb13'],
    ['6.8.0-45-generic', undefined],
    ['5.14.0-503.11.1.el9_5.x86_64', undefined],
  ])('of kernel %s sees what its headers lead to: %s', (kernel, folder) => {
    const [pod] = pods(
      [driversPolicy('drivers')],
      [wanted({ does: 'build', target: { ...TARGET, kernel } })],
    ).added;
    const paths = Object.values(podOf(pod?.object).volumes).flatMap(
      (volume) => record(record(volume)['hostPath'])['path'] ?? [],
    );
    expect(paths.filter((path) => typeof path === 'string' && path.startsWith('/usr/lib'))).toEqual(
      folder === undefined ? [] : [folder],
    );
    expect(pod && gainedByPods(pod.object, undefined)).toEqual([]);
  });

  it('is another one for each image, kernel and build', () => {
    const names = pods(
      [driversPolicy('drivers')],
      [
        wanted({ does: 'build' }),
        wanted({ does: 'build', image: WEKA.replace('quay.io', 'mirror.example.com') }),
        wanted({ does: 'build', target: { ...TARGET, kernel: '6.8.0-46-generic' } }),
        wanted({ does: 'build', target: { ...TARGET, buildId: 'ubuntu24.04' } }),
        // An image whose tag is not the version says nothing of it.
        wanted({ does: 'build', image: 'example.com/weka:stable' }),
        wanted({ does: 'build', image: 'example.com/weka:stable', target: { ...TARGET, version: '4.4.6' } }),
      ],
    ).added.map(({ object }) => object.metadata.name);
    expect(new Set(names).size).toBe(6);
  });

  it('says what it was made for, so that its result is known by it', () => {
    const order = wanted({ does: 'build' });
    const [pod] = pods([driversPolicy('drivers')], [order]).added;
    expect(pod && driverWorkOrder(pod.object)).toEqual(order);
  });
});

describe('a pod that is there', () => {
  const policy = driversPolicy('drivers');
  const [first] = pods([policy], [wanted({ does: 'build' })]).added;
  if (first === undefined) throw new Error('There is a builder.');
  const live: KubeObject = { ...first.object, status: { phase: 'Succeeded' } };
  const there = { live: new Map([[first.id, live]]) };

  it('stays as it was made, whatever it would be now', () => {
    const [pod] = pods([policy], [wanted({ does: 'build', node: 'node-2', live: first.id })], {
      ...there,
      image: 'example.com/weka-gitops:2',
    }).added;
    expect(pod?.object).toBe(live);
    expect(pod && compare(pod.object, live)).toEqual([]);
    expect(pod?.again).toBeUndefined();
  });

  it('is made anew on the node chosen now where it has to be', () => {
    const again = 'A node did not find its package';
    const [pod] = pods(
      [policy],
      [wanted({ does: 'build', node: 'node-2', live: first.id, again })],
      there,
    ).added;
    expect(pod?.id).toBe(first.id);
    expect(pod?.again).toBe(again);
    expect(podOf(pod?.object).spec['affinity']).toEqual(onNode('node-2'));
  });
});

describe('a manifest’s own builder', () => {
  const builder = wekaContainer('weka', 'builder', {
    mode: 'drivers-builder',
    uploadResultsTo: 'drivers-dist',
    nodeSelector: { rack: 'a' },
    additionalSecrets: { 'module-signing': 'keys' },
  });
  const owner = id('WekaContainer', 'weka', 'builder');
  const order = wanted({ does: 'build', owner });

  it('is told its node and its kernel in its one pod', () => {
    const { added, of } = pods([driversPolicy('drivers'), builder], [order]);
    expect(added).toEqual([]);
    const pod = of('weka/builder');
    const { spec, env } = podOf(pod?.object);
    expect(spec['affinity']).toEqual(onNode('node-1'));
    expect(env).toMatchObject({
      EXPECTED_KERNEL: '6.8.0-45-generic',
      WEKA_VERSION: '4.4.5',
      MODE: 'drivers-builder',
    });
    expect(pod?.container).toBeUndefined();
    expect(pod?.createOnly).toBeDefined();
  });

  it('has the key that it signs with in a container beside it alone', () => {
    const { of } = pods([driversPolicy('drivers'), builder], [order]);
    const { env, mounts, volumes } = podOf(of('weka/builder')?.object);
    const keeper = initsOf(of('weka/builder')?.object).find(({ name }) => name === 'signing-key');
    expect(keeper).toMatchObject({
      image: CONTEXT.image,
      command: ['weka-nodeagent', 'keep-key'],
      restartPolicy: 'Always',
      volumeMounts: [
        { name: 'signing', mountPath: '/var/run/weka-gitops/signing' },
        {
          name: 'secret-module-signing',
          mountPath: '/var/run/secrets/weka-operator/module-signing',
          readOnly: true,
        },
      ],
    });
    expect(volumes).toMatchObject({ 'secret-module-signing': { secret: expect.anything() as object } });
    expect(mounts).not.toHaveProperty('secret-module-signing');
    expect(mounts).toMatchObject({ signing: '/var/run/weka-gitops/signing' });
    expect(env).toMatchObject({ SIGNING_SOCKET: '/var/run/weka-gitops/signing/socket' });
  });

  it('goes on as it is once it was told, also when nobody wants it any more', () => {
    const made = pods([driversPolicy('drivers'), builder], [order]).of('weka/builder');
    if (made === undefined) throw new Error('There is a pod.');
    const live = new Map([[made.id, made.object]]);
    expect(pods([driversPolicy('drivers'), builder], [], { live }).of('weka/builder')?.object).toBe(
      made.object,
    );
  });

  it('is not made where it has nothing to build, and stays where it is there', () => {
    const manifests = [driversPolicy('drivers'), builder];
    const builders = new Set([owner]);
    expect(pods(manifests, [], { builders }).of('weka/builder')).toBeUndefined();
    expect(pods(manifests, [order], { builders }).of('weka/builder')).toBeDefined();
    const made = pods(manifests, []).of('weka/builder');
    if (made === undefined) throw new Error('There is a pod.');
    const live = new Map([[made.id, made.object]]);
    expect(pods(manifests, [], { builders, live }).of('weka/builder')).toEqual(made);
  });

  it('is as its manifest says where nobody decides for it', () => {
    const { all } = pods([driversPolicy('drivers'), builder], []);
    expect(all).toEqual(builtOf(driversPolicy('drivers'), builder).objects);
  });
});

describe('what fetches a package', () => {
  const url = 'https://drivers.weka.io/dist/v1/drivers/weka-driver-ab-cd.zip';
  const { image: _none, ...order } = wanted({ does: 'fetch', package: PACKAGE, url });

  it('runs in our image beside the service, and knows the way out', () => {
    const [pod] = pods([driversPolicy('drivers')], [order], {
      proxy: { https: 'http://proxy.example.com:3128', no: '.svc' },
      registryCa: 'PEM',
      registries: ['https://cdn.example.com'],
    }).added;
    expect(pod?.object.metadata).toMatchObject({
      name: 'drivers-dist-fetch-4-4-5-6-8-0-45-generic-x86-64',
      namespace: 'weka',
    });
    const { container, env, volumes } = podOf(pod?.object);
    expect(container).toMatchObject({
      image: IMAGE,
      command: programCommand('fetch'),
    });
    expect(env).toMatchObject({
      FETCH_URL: url,
      FETCH_PACKAGE: JSON.stringify(PACKAGE),
      FETCH_CA: 'PEM',
      FETCH_WITHIN: '["https://cdn.example.com"]',
      HTTPS_PROXY: 'http://proxy.example.com:3128',
      NO_PROXY: '.svc',
      UPLOAD_URL: 'https://drivers-dist.weka.svc:60002',
    });
    expect(volumes['certificate-upload']).toEqual({ secret: { secretName: 'drivers-dist-upload' } });
  });
});

describe('what loads a closed package', () => {
  const order = wanted({
    does: 'load',
    owner: id('WekaCluster', 'storage', 'demo'),
    package: PACKAGE,
    imagePullSecret: 'quay',
  });

  it('runs in the vendor’s image on its node, beside the manifest that asks for it, with privileges', () => {
    const [pod] = pods([CLUSTER], [order]).added;
    expect(pod?.object.metadata).toMatchObject({ name: 'weka-drivers-loader-node-1', namespace: 'storage' });
    const { spec, container, env } = podOf(pod?.object);
    expect(spec).toMatchObject({
      affinity: onNode('node-1'),
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'quay' }],
    });
    expect(container).toMatchObject({ image: WEKA, securityContext: { privileged: true } });
    expect(env).toMatchObject({ LOAD_PACKAGE: JSON.stringify(PACKAGE) });
  });

  it('may have other modules make way only where that was decided', () => {
    const replaceOf = (more: Partial<DriverPodWanted>) =>
      podOf(pods([CLUSTER], [{ ...order, ...more }]).added[0]?.object).env['LOAD_REPLACE'];
    expect([replaceOf({}), replaceOf({ replace: 'drain' })]).toEqual([undefined, 'drain']);
  });

  it('has its package from where the manifest says', () => {
    const from = (these: readonly object[], context: Partial<DriverPodsContext> = {}): unknown =>
      JSON.parse(String(podOf(pods(these, [order], context).added[0]?.object).env['LOAD_FROM']));
    const name = { serverName: 'drivers-dist.weka.svc.cluster.local' };
    expect(from([CLUSTER], { ca: 'PEM' })).toEqual([{ url: 'http://drivers-dist.weka.svc:60002', ...name }]);
    const { driversDistService: _unsaid, ...spec } = CLUSTER.spec;
    expect(from([{ ...CLUSTER, spec }], { ca: 'PEM' })).toEqual([
      { url: 'https://drivers-dist.weka.svc:60002', ...name, ca: 'PEM' },
    ]);
  });

  it('is not made for a manifest that is not there', () => {
    expect(pods([driversPolicy('drivers')], [order]).added).toEqual([]);
  });
});

it('leaves a pod of the same name that a manifest asks for alone', () => {
  const name = 'weka-drivers-loader-node-1';
  const order = wanted({ does: 'load', owner: id('WekaCluster', 'storage', 'demo'), package: PACKAGE });
  const manifests = [CLUSTER, wekaContainer('storage', name)];
  expect(pods(manifests, [order]).all).toEqual(builtOf(...manifests).objects);
});
