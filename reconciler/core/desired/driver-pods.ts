import type { DriverSource } from '../../../schemas/node/drivers.ts';
import type { DriverPodWanted } from '../drivers/decision.ts';
import { driverService, ownService } from '../drivers/driver-service.ts';
import type { ServicesInUse } from '../drivers/packages-in-use.ts';
import { DRIVER_WORK, driverWorkOrder, driverWorkText } from '../drivers/work-annotation.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { isAppliedByUs } from '../plan/managed-fields.ts';
import type { Spec } from '../spec/spec.ts';
import { asApplied, type BuildContext } from './build.ts';
import { builderPod } from './builder-pod.ts';
import { uploadValues, uploadVolumes } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import {
  clusterName,
  type DistService,
  distServices,
  placeNamed,
  type UploadPlace,
  uploadPlace,
} from './dist-services.ts';
import { environment, helperPod, scratch } from './helper-pod.ts';
import { withPackagesInUse } from './in-use-object.ts';
import { loaderPod } from './loader-pod.ts';
import { podAffinity } from './node-affinity.ts';
import { helperTolerations } from './tolerations.ts';
import { nameOf } from './work-names.ts';

/** What pods about drivers are made of, besides what is decided about them. */
export interface DriverPodsContext extends BuildContext {
  readonly specs: readonly Spec[];
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  /** Certificates, in PEM, that vouch for distribution services of this cluster. */
  readonly ca?: string | undefined;
  /** How pods reach a registry: the variables that programs know, and the certificates of its own, in PEM. */
  readonly proxy?: { readonly https?: string; readonly no?: string } | undefined;
  readonly registryCa?: string | undefined;
  /** Addresses at or below which a registry may lead elsewhere. */
  readonly registries?: readonly string[] | undefined;
  /** Containers that build and are decided about: one for whose pod nothing is wanted has nothing to do. */
  readonly builders?: ReadonlySet<ObjectId> | undefined;
  /** Packages that services keep; what they were told stays where unset. */
  readonly inUse?: ServicesInUse | undefined;
}

/**
 * What the specs ask for, with the pods that build, fetch and load drivers, and what services are told of packages. One that is there stays as it was made, whatever it would be
 * now, until it has to be made anew: what it did, it did as it was. The pod of a manifest's own builder is among what the specs ask for
 * already, and is told its node and its kernel.
 */
export function withDriverPods(
  desired: readonly DesiredObject[],
  wanted: readonly DriverPodWanted[],
  context: DriverPodsContext,
): readonly DesiredObject[] {
  const specs = new Map(context.specs.map((spec) => [spec.id, spec]));
  const services = distServices(context.specs);
  const busy = new Set(wanted.map(({ owner }) => owner));
  const objects = new Map(
    desired
      .filter((each) => !isIdle(each, busy, context))
      .map((each) => [each.id, asItWasMade(each, context)]),
  );
  for (const pod of wanted) {
    const owner = specs.get(pod.owner);
    if (owner === undefined) continue;
    const object = driverPod(pod, owner, services, context);
    const id = pod.live ?? objectId(object);
    const own = objects.get(id);
    // What another manifest asks for under this name is not ours to change.
    if (own !== undefined && own.container?.spec.mode !== 'drivers-builder') continue;
    const known = context.live.get(id);
    // One of others is not what its name says.
    const isOurs = pod.live !== undefined || (known !== undefined && isAppliedByUs(known));
    const there = pod.again === undefined && isOurs ? known : undefined;
    objects.set(id, {
      id,
      object: there ?? asApplied(object, context),
      source: owner.source,
      ...(own?.createOnly === undefined ? {} : { createOnly: own.createOnly }),
      ...(pod.again === undefined ? {} : { again: pod.again }),
    });
  }
  return withPackagesInUse([...objects.values()], services, context.live, context.inUse);
}

/** Whether it is the pod of a manifest's own builder that is not there, and has nothing to build: others have brought it already. */
function isIdle(
  { id, container }: DesiredObject,
  busy: ReadonlySet<ObjectId>,
  { builders, live }: DriverPodsContext,
): boolean {
  if (container?.spec.mode !== 'drivers-builder' || live.has(id)) return false;
  const owner = objectId(container);
  return builders?.has(owner) === true && !busy.has(owner);
}

/** The pod of a manifest's own builder that was told its node and its kernel goes on as it is. */
function asItWasMade(wanted: DesiredObject, { live }: DriverPodsContext): DesiredObject {
  const there = wanted.container?.spec.mode === 'drivers-builder' ? live.get(wanted.id) : undefined;
  return there === undefined || driverWorkOrder(there)?.target === undefined
    ? wanted
    : { ...wanted, object: there };
}

/** One such pod. */
function driverPod(
  wanted: DriverPodWanted,
  owner: Spec,
  services: ReadonlyMap<string, DistService>,
  context: DriverPodsContext,
): KubeObject {
  const annotations = { [DRIVER_WORK]: driverWorkText(wanted) };
  switch (wanted.does) {
    case 'build':
      return builderPod(wanted, owner, {
        image: context.image,
        upload: placeOf(wanted.service, services, context.specs),
        annotations,
      });
    case 'fetch':
      return fetchPod(wanted, placeOf(wanted.service, services, context.specs), context, annotations);
    case 'load':
      return loaderPod(wanted, owner, {
        image: context.image,
        from: [sourceOf(wanted, owner, services, context)],
        annotations,
      });
  }
}

/** What brings a package from a registry into a service of the cluster: our own image has all that it takes. */
function fetchPod(
  { target, package: wanted, url }: DriverPodWanted,
  upload: UploadPlace,
  { image, proxy, registryCa, registries }: DriverPodsContext,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const [namespace = '', service = ''] = upload.service.split('/');
  return helperPod({
    name: nameOf(service, 'fetch', target.version, target.kernel, target.architecture, target.buildId ?? ''),
    namespace,
    labels: {
      app: 'weka',
      'app.kubernetes.io/part-of': 'weka',
      'app.kubernetes.io/created-by': 'weka-gitops',
      'weka.io/mode': 'drivers-fetch',
    },
    annotations,
    image,
    ourImage: image,
    program: 'fetch',
    env: environment({
      FETCH_URL: url,
      FETCH_PACKAGE: wanted === undefined ? undefined : JSON.stringify(wanted),
      FETCH_CA: registryCa,
      FETCH_WITHIN: registries === undefined ? undefined : JSON.stringify(registries),
      HTTPS_PROXY: proxy?.https,
      NO_PROXY: proxy?.no,
      ...uploadValues(upload),
    }),
    restartPolicy: 'OnFailure',
    graceSeconds: 60,
    pinned: false,
    volumes: [scratch('tmp', '/tmp'), ...uploadVolumes(upload)],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    tolerations: helperTolerations(),
    placing: { affinity: podAffinity({}) },
  });
}

function placeOf(
  key: string,
  services: ReadonlyMap<string, DistService>,
  specs: readonly Spec[],
): UploadPlace {
  const service = services.get(key);
  if (service !== undefined) return uploadPlace(service);
  const [namespace = '', name = ''] = key.split('/');
  return placeNamed(name, namespace, services, specs);
}

/** Where a loader has its package from, as the manifest that asks for it says. */
function sourceOf(
  { service: key }: DriverPodWanted,
  owner: Spec,
  services: ReadonlyMap<string, DistService>,
  { ca }: DriverPodsContext,
): DriverSource {
  const says =
    owner.kind === 'WekaCluster'
      ? owner.cluster.spec.driversDistService
      : owner.kind === 'WekaClient'
        ? owner.client.spec.driversDistService
        : undefined;
  const named = says ? driverService(says, owner.manifest.metadata.namespace ?? '') : undefined;
  const isAddress = /^[a-z]+:\/\//i.test(key);
  const [namespace = '', name = ''] = isAddress ? [] : key.split('/');
  const service =
    named?.key === key
      ? named
      : isAddress
        ? { key, url: key }
        : ownService({ namespace, name }, services.get(key)?.port ?? 60002);
  const { inCluster } = service;
  return {
    url: inCluster === undefined ? service.url : withinCluster(service.url, inCluster),
    ...(inCluster === undefined ? {} : { serverName: clusterName(inCluster) }),
    ...(inCluster !== undefined && ca !== undefined && service.url.startsWith('https:') ? { ca } : {}),
  };
}

/** The address of a Service as pods resolve it, whatever the domain of the cluster is. */
function withinCluster(
  url: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  const { protocol, port } = new URL(url);
  return `${protocol}//${name}.${namespace}.svc${port === '' ? '' : `:${port}`}`;
}
