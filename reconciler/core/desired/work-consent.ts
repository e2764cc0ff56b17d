import { targetNamed } from '../drivers/consents.ts';
import { DRIVER_WORK, driverWorkOrder, type DriverWorkOrder } from '../drivers/work-annotation.ts';
import { ALLOCATION } from '../facts/pod-facts.ts';
import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { record, records } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { APPLIED_FIELDS } from '../plan/applied-fields.ts';
import { kbuildFolder } from './container-pod.ts';
import type { Consent, DesiredObject } from './desired.ts';
import { PART_OF } from './ownership.ts';

/**
 * `desired` where each pod that works on drivers says what a person consents to if it may do more than pods may: that an image
 * loads or builds a version in one way, on whichever nodes. One consent for each of a hundred nodes would be read by nobody.
 */
export function withWorkConsent(desired: readonly DesiredObject[]): readonly DesiredObject[] {
  return desired.map((wanted) => {
    const work = wanted.consent === undefined ? workOf(wanted.object) : undefined;
    if (work === undefined) return wanted;
    const { order, how, consent } = work;
    const { object } = wanted;
    return { ...wanted, consent, ...(isThere(object) ? {} : { object: withWays(object, order, how) }) };
  });
}

/** What a person consents to for a pod that builds or loads drivers as it is, by what it was made by; undefined for all others. */
export function workConsent(object: KubeObject): Consent | undefined {
  return workOf(object)?.consent;
}

interface Work {
  readonly order: DriverWorkOrder;
  readonly how: string;
  readonly consent: Consent;
}

function workOf(object: KubeObject): Work | undefined {
  const order = driverWorkOrder(object);
  const { does, owner, image, target } = order ?? {};
  if (order === undefined || does === undefined || does === 'fetch') return undefined;
  if (owner === undefined || image === undefined) return undefined;
  const version = target?.version;
  // What is there was made by what it says; of what is made anew the manifests say nothing here.
  const how = (isThere(object) ? order.how : undefined) ?? waysDigest(object, order);
  const { image: written } = workContainer(object);
  const used = typeof written === 'string' ? written : image;
  const consent = {
    action: `${does}-drivers`,
    target: targetNamed(owner as ObjectId),
    content: { image: used, ...(version === undefined ? {} : { version }), how },
    words: `${used} ${does}s drivers${version === undefined ? '' : ` of ${version}`} (its script, arguments and rights, and all else of its pod: sha256:${how})`,
  };
  return { order, how, consent };
}

function isThere({ metadata }: KubeObject): boolean {
  return metadata.uid !== undefined;
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

/** Labels of a pod that say the same, and the one of all that is ours. */
const LABELS_OF_ONE_BUILD: ReadonlySet<string> = new Set([
  'weka.io/target-image-hash',
  'weka.io/target-kernel',
  'weka.io/target-arch',
  PART_OF,
]);

/** What we write down at a pod about itself. */
const OUR_ANNOTATIONS: ReadonlySet<string> = new Set([DRIVER_WORK, ALLOCATION, APPLIED_FIELDS]);

/** Containers of our own programs: their image is the installation's, and no manifest's. */
const OURS: ReadonlySet<unknown> = new Set(['programs', 'signing-key']);

/**
 * A digest over all that a pod is made of, save for which version, kernel and node it is for: what is not known to be of one build alone
 * counts, whatever a manifest can set some day.
 */
function waysDigest(
  { metadata, spec }: KubeObject & Readonly<Record<string, unknown>>,
  { target }: DriverWorkOrder,
): string {
  // The node that it is on is chosen for each build.
  const { affinity: _affinity, containers, initContainers, volumes, ...rest } = record(spec);
  const folder = target === undefined ? undefined : kbuildFolder(target.kernel);
  const ofKernel = new Set(
    records(volumes)
      .filter(({ hostPath }) => folder !== undefined && record(hostPath)['path'] === folder)
      .map(({ name }) => name),
  );
  const ways = {
    ...rest,
    labels: without(metadata.labels, LABELS_OF_ONE_BUILD),
    annotations: without(metadata.annotations, OUR_ANNOTATIONS),
    initContainers: records(initContainers).map((each) => waysOf(each, ofKernel)),
    containers: records(containers).map((each) => waysOf(each, ofKernel)),
    volumes: records(volumes).filter(({ name }) => !ofKernel.has(name)),
  };
  return sha256Hex(canonicalJson(ways));
}

function waysOf(container: Readonly<Record<string, unknown>>, ofKernel: ReadonlySet<unknown>): unknown {
  const { image, env, volumeMounts, ...rest } = container;
  return {
    ...rest,
    ...(OURS.has(container['name']) ? {} : { image }),
    env: records(env).filter((each) => !OF_ONE_BUILD.has(each['name'])),
    // One that could be written to is more than any build needs.
    volumeMounts: records(volumeMounts).filter(
      ({ name, readOnly }) => readOnly !== true || !ofKernel.has(name),
    ),
  };
}

function without(
  map: Readonly<Record<string, string>> | undefined,
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !names.has(name)));
}

function workContainer({
  spec,
}: KubeObject & Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return records(record(spec)['containers'])[0] ?? {};
}
