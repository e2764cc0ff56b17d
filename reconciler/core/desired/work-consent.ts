import { targetNamed } from '../drivers/consents.ts';
import { DRIVER_WORK, driverWorkOrder, type DriverWorkOrder } from '../drivers/work-annotation.ts';
import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { record, records } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { kbuildFolder } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';

/**
 * `desired` where each pod that works on drivers says what a person consents to if it may do more than pods may: that an image
 * loads or builds a version in one way, on whichever nodes. One consent for each of a hundred nodes would be read by nobody.
 */
export function withWorkConsent(desired: readonly DesiredObject[]): readonly DesiredObject[] {
  return desired.map((wanted) => {
    const order = wanted.consent === undefined ? driverWorkOrder(wanted.object) : undefined;
    const { does, owner, image, target } = order ?? {};
    if (order === undefined || does === undefined || does === 'fetch') return wanted;
    if (owner === undefined || image === undefined) return wanted;
    const version = target?.version;
    const { object } = wanted;
    // What is there was made by what it says; of what is made anew the manifests say nothing here.
    const isThere = object.metadata.uid !== undefined;
    const how = (isThere ? order.how : undefined) ?? waysDigest(object, order);
    const { image: written } = workContainer(object);
    const used = typeof written === 'string' ? written : image;
    const consent = {
      action: `${does}-drivers`,
      target: targetNamed(owner as ObjectId),
      content: { image: used, ...(version === undefined ? {} : { version }), how },
      words: `${used} ${does}s drivers${version === undefined ? '' : ` of ${version}`} (its script, arguments and rights: sha256:${how})`,
    };
    return { ...wanted, consent, ...(isThere ? {} : { object: withWays(object, order, how) }) };
  });
}

/** The object with the digest in what it says that it was made for: the API server fills in fields of a pod. */
function withWays(object: KubeObject, order: DriverWorkOrder, how: string): KubeObject {
  const { metadata } = object;
  const annotations = { ...metadata.annotations, [DRIVER_WORK]: canonicalJson({ ...order, how }) };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** What says which node, kernel or version a pod is for: everything else decides how it does what it does. */
const OF_ONE_BUILD: ReadonlySet<unknown> = new Set([
  'WEKA_CONTAINER_ID',
  'WEKA_VERSION',
  'BUILD_AHEAD',
  'EXPECTED_KERNEL',
  'DRIVERS_BUILD_ID',
  'NODE_NAME',
  'LOAD_PACKAGE',
  'LOAD_FROM',
]);

/** Containers of our own programs: their image is the installation's, and no manifest's. */
const OURS: ReadonlySet<unknown> = new Set(['programs', 'signing-key']);

/** A digest over all that decides what a pod makes or does, save for which version and kernel it is for. */
function waysDigest(
  { spec }: KubeObject & Readonly<Record<string, unknown>>,
  { target }: DriverWorkOrder,
): string {
  const { containers, initContainers, volumes, serviceAccountName, hostNetwork, hostPID, hostIPC } =
    record(spec);
  const ofKernel = target === undefined ? undefined : kbuildFolder(target.kernel);
  const others = records(initContainers).filter(({ name }) => !OURS.has(name));
  const ways = {
    containers: [...others, ...records(containers)].map(waysOf),
    serviceAccountName,
    hostNetwork,
    hostPID,
    hostIPC,
    folders: records(volumes)
      .map(({ hostPath, secret }) => record(hostPath)['path'] ?? record(secret)['secretName'])
      .filter((each): each is string => typeof each === 'string' && each !== ofKernel)
      .toSorted(compareText),
  };
  return sha256Hex(canonicalJson(ways));
}

function waysOf({
  name,
  image,
  command,
  args,
  env,
  securityContext,
}: Readonly<Record<string, unknown>>): unknown {
  return {
    name,
    image,
    command,
    args,
    env: records(env).filter((each) => !OF_ONE_BUILD.has(each['name'])),
    securityContext,
  };
}

function workContainer({
  spec,
}: KubeObject & Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return records(record(spec)['containers'])[0] ?? {};
}
