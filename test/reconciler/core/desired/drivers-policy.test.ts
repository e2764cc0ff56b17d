import { programCommand } from '../../../../schemas/drivers/programs.ts';
import { describe, expect, it } from 'vitest';
import { certificateOf } from '../../../../reconciler/core/drivers/certificates.ts';
import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { nodeLabelObjects } from '../../../../reconciler/core/desired/drivers-policy.ts';
import { record } from '../../../../reconciler/core/kube/json.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { builtOf, CONTEXT, driversPolicy, IMAGE, podOf } from './read-specs.ts';

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'drivers-dist', namespace: 'weka' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
};
const DEPLOYMENT = 'apps/v1/Deployment/weka/drivers-dist';

describe('a policy that distributes drivers', () => {
  it('is built into its anchor, and the service with its certificates', () => {
    const { objects, findings } = builtOf(driversPolicy('drivers'));
    expect(objects.map(({ id }) => id)).toEqual([
      'v1/ConfigMap/weka/weka-wekapolicy-drivers',
      'v1/Secret/weka/drivers-dist-tls',
      'v1/Secret/weka/drivers-dist-upload',
      'v1/ConfigMap/weka/drivers-dist-in-use',
      'v1/Service/weka/drivers-dist',
      DEPLOYMENT,
    ]);
    expect(objects.every(({ createOnly }) => createOnly === undefined)).toBe(true);
    expect(findings).toEqual([]);
  });

  it('serves at the port that agents ask, by the labels of its pods', () => {
    const { object } = builtOf(driversPolicy('drivers'));
    const service = record(object('v1/Service/weka/drivers-dist')?.['spec']);
    const deployment = record(object(DEPLOYMENT)?.['spec']);
    const { metadata } = record(deployment['template']);
    expect(service['ports']).toEqual([{ name: 'dist', port: 60002, targetPort: 'dist', protocol: 'TCP' }]);
    expect(record(deployment['selector'])['matchLabels']).toEqual(service['selector']);
    expect(record(metadata)['labels']).toMatchObject({
      ...record(service['selector']),
      'weka.io/mode': 'drivers-dist',
    });
  });

  it('has certificates issued for its own Secrets, and a manifest for none, whatever its annotations say', () => {
    const issued = (objects: ReturnType<typeof builtOf>['objects']) =>
      objects.flatMap(({ id, certificate }) => (certificate === undefined ? [] : [id]));
    expect(issued(builtOf(driversPolicy('drivers')).objects)).toEqual([
      'v1/Secret/weka/drivers-dist-tls',
      'v1/Secret/weka/drivers-dist-upload',
    ]);
    const metadata = { name: 'mine', namespace: 'weka' };
    const { parsed } = builtOf({ apiVersion: 'v1', kind: 'Secret', metadata });
    const annotations = {
      'weka-gitops.dev/certificate': 'upload',
      'weka-gitops.dev/certificate-names': 'mine',
    };
    for (const spec of parsed.specs) Object.assign(spec.manifest.metadata, { annotations });
    const { objects } = buildDesired(parsed, CONTEXT);
    expect(objects.map(({ object }) => certificateOf(object)?.use)).toEqual(['upload']);
    expect(issued(objects)).toEqual([]);
  });

  it('proves to be the Service by a certificate for all its names', () => {
    const { object } = builtOf(driversPolicy('drivers'));
    const tls = object('v1/Secret/weka/drivers-dist-tls');
    expect(tls && certificateOf(tls)).toEqual({
      use: 'server',
      names: [
        'drivers-dist',
        'drivers-dist.weka',
        'drivers-dist.weka.svc',
        'drivers-dist.weka.svc.cluster.local',
      ],
    });
    expect(tls?.['data']).toBeUndefined();
    expect(podOf(object(DEPLOYMENT)).mounts).toMatchObject({
      'certificate-tls': '/var/run/secrets/weka-gitops/tls',
    });
  });

  it('says where its pods run, with which image, secret, account, tolerations and resources', () => {
    const { object } = builtOf(
      driversPolicy(
        'drivers',
        {
          distNodeSelector: { 'weka.io/drivers': 'true' },
          distResources: { requests: { cpu: '1' }, limits: { cpu: '4', memory: '8Gi' } },
        },
        {
          imagePullSecret: 'quay',
          serviceAccountName: 'drivers',
          tolerations: [{ key: 'storage', operator: 'Exists', effect: 'NoExecute' }],
        },
      ),
    );
    const { spec, container } = podOf(object(DEPLOYMENT));
    expect(container).toMatchObject({
      image: 'quay.io/weka.io/weka-in-container:4.4.5',
      command: programCommand('dist'),
      resources: { requests: { cpu: '1', memory: '3000M' }, limits: { cpu: '4', memory: '8Gi' } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    });
    expect(spec).toMatchObject({ imagePullSecrets: [{ name: 'quay' }], serviceAccountName: 'drivers' });
    expect(spec['tolerations']).toContainEqual({ key: 'storage', operator: 'Exists', effect: 'NoExecute' });
    expect(JSON.stringify(spec['affinity'])).toContain(
      '"key":"weka.io/drivers","operator":"In","values":["true"]',
    );
  });

  it('keeps packages on the claim of the service’s name where the repository has it', () => {
    const packages = (...manifests: object[]) =>
      podOf(builtOf(driversPolicy('drivers'), ...manifests).object(DEPLOYMENT)).volumes['packages'];
    expect(packages(CLAIM)).toEqual({ persistentVolumeClaim: { claimName: 'drivers-dist' } });
    expect(packages()).toEqual({ emptyDir: {} });
    const elsewhere = {
      apiVersion: 'weka-gitops.dev/v1',
      kind: 'Settings',
      metadata: { name: 'settings' },
      spec: { external: { claims: ['weka/drivers-dist'] } },
    };
    expect(packages(elsewhere)).toEqual({ persistentVolumeClaim: { claimName: 'drivers-dist' } });
    expect(packages({ ...CLAIM, metadata: { name: 'drivers-dist', namespace: 'other' } })).toEqual({
      emptyDir: {},
    });
  });

  it('runs two services never at once, since a claim is on one node', () => {
    const { object } = builtOf(driversPolicy('drivers'));
    expect(object(DEPLOYMENT)?.['spec']).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  it('with an error leaves what it was built into before as it is', () => {
    const { broken } = builtOf(driversPolicy('drivers', { buildTimeout: 'soon' }));
    expect([...broken.keys()]).toEqual([
      'v1/ConfigMap/weka/weka-wekapolicy-drivers',
      'v1/Secret/weka/drivers-dist-tls',
      'v1/Secret/weka/drivers-dist-upload',
      'v1/ConfigMap/weka/drivers-dist-in-use',
      'v1/Service/weka/drivers-dist',
      DEPLOYMENT,
    ]);
  });

  it('of another type is built into nothing', () => {
    const other = { ...driversPolicy('signing'), spec: { type: 'discover-drives', payload: {} } };
    expect(builtOf(other).objects).toEqual([]);
  });

  it('brings our programs by our image', () => {
    const { spec } = podOf(builtOf(driversPolicy('drivers')).object(DEPLOYMENT));
    expect(spec['initContainers']).toMatchObject([{ image: IMAGE }]);
  });
});

describe('labels of nodes', () => {
  const ABOUT = { kernel: '6.12.94+deb13-amd64', architecture: 'amd64', os: 'Debian GNU/Linux 13' };

  function labels(
    policies: readonly object[],
    nodes: readonly { name: string; labels: Record<string, string> }[],
    about: Readonly<Record<string, readonly string[]>> = {},
  ) {
    const { parsed } = builtOf(...policies);
    const drivers = new Map(
      Object.entries(about).map(([name, of]) => [
        `weka.weka.io/v1alpha1/WekaPolicy/weka/${name}` as ObjectId,
        { service: `weka/${name}-dist`, images: [], nodes: of.map((node) => ({ name: node, ...ABOUT })) },
      ]),
    );
    return nodeLabelObjects(parsed.specs, drivers, nodes);
  }

  it('are the kernel, architecture and system of each node of the policy, and nothing else of it', () => {
    const objects = labels(
      [driversPolicy('drivers')],
      [
        { name: 'b', labels: {} },
        { name: 'a', labels: {} },
        { name: 'other', labels: {} },
      ],
      { drivers: ['b', 'a'] },
    );
    const expected = {
      'weka.io/kernel': '6.12.94-deb13-amd64',
      'weka.io/architecture': 'amd64',
      'weka.io/os': 'Debian-GNU-Linux-13',
    };
    expect(objects).toEqual(
      ['a', 'b'].map((name) => ({
        id: `v1/Node/${name}`,
        object: { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: expected } },
        source: '0.yaml:1',
        partly: true,
      })),
    );
  });

  it('are not written where they are there, nor to a node that is not', () => {
    const there = {
      'weka.io/kernel': '6.12.94-deb13-amd64',
      'weka.io/architecture': 'amd64',
      'weka.io/os': 'Debian-GNU-Linux-13',
      more: 'x',
    };
    expect(
      labels([driversPolicy('drivers')], [{ name: 'a', labels: there }], { drivers: ['a', 'gone'] }),
    ).toEqual([]);
  });

  it('have the names that the policy gives them', () => {
    const payload = {
      kernelLabelKey: 'example.com/kernel',
      architectureLabelKey: 'example.com/arch',
      osLabelKey: '',
    };
    const [node] = labels([driversPolicy('drivers', payload)], [{ name: 'a', labels: {} }], {
      drivers: ['a'],
    });
    expect(node?.object.metadata.labels).toEqual({
      'example.com/kernel': '6.12.94-deb13-amd64',
      'example.com/arch': 'amd64',
    });
  });

  it('are none that Kubernetes itself goes by', () => {
    const payload = { kernelLabelKey: 'kubernetes.io/hostname', architectureLabelKey: 'node.k8s.io/arch' };
    const [node] = labels([driversPolicy('drivers', payload)], [{ name: 'a', labels: {} }], {
      drivers: ['a'],
    });
    expect(Object.keys(node?.object.metadata.labels ?? {})).toEqual(['weka.io/os']);
  });

  it('of two policies that choose one node are written together', () => {
    const [node, ...rest] = labels(
      [driversPolicy('one', { kernelLabelKey: 'example.com/kernel' }), driversPolicy('two')],
      [{ name: 'a', labels: {} }],
      { one: ['a'], two: ['a'] },
    );
    expect(rest).toEqual([]);
    expect(Object.keys(node?.object.metadata.labels ?? {}).toSorted()).toEqual([
      'example.com/kernel',
      'weka.io/architecture',
      'weka.io/kernel',
      'weka.io/os',
    ]);
  });
});

describe('resources of a distribution service', () => {
  const resources = (distResources: object) =>
    podOf(builtOf(driversPolicy('drivers', { distResources })).object(DEPLOYMENT)).container['resources'];

  it('are never more asked for than the limit, where a policy says only one of the two', () => {
    expect(resources({ requests: { memory: '8Gi' } })).toEqual({
      requests: { cpu: '500m', memory: '8Gi' },
      limits: { cpu: '2000m' },
    });
    expect(resources({ limits: { cpu: '100m', memory: '1Gi' } })).toEqual({
      requests: {},
      limits: { cpu: '100m', memory: '1Gi' },
    });
  });
});
