import type { DriverContainer } from '../../../schemas/weka-container.ts';
import { canonicalJson } from '../kube/hash.ts';
import { certificateOf } from '../drivers/certificates.ts';
import type { Finding } from '../spec/finding.ts';
import { finding } from '../spec/finding.ts';
import type { ParsedSpecs, Spec } from '../spec/parse.ts';
import { type KubeObject, objectId, type ObjectId, parseObjectId } from '../kube/object.ts';
import { anchor, anchorName } from './anchor.ts';
import { containerPod } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import {
  distServices,
  inUseName,
  policyServiceName,
  tlsSecret,
  type UploadPlace,
  uploadSecret,
} from './dist-services.ts';
import { distSecrets, policyObjects } from './drivers-policy.ts';
import { inUseObject } from './in-use-object.ts';
import { normalise } from './normalise.ts';
import { withOwnership } from './ownership.ts';
import { isDistributing, type Surroundings, surroundingsOf } from './surroundings.ts';

/** What every builder is told besides its spec. */
export interface BuildContext {
  /** Id of the ApplySet that the objects become members of. */
  readonly applySet: string;
  /** The image that brings our programs into the pods of WEKA. */
  readonly image: string;
}

export interface Built {
  readonly objects: readonly DesiredObject[];
  /** Two manifests that ask for the same object, although neither is a copy of the other. */
  readonly findings: readonly Finding[];
  /** Objects that a manifest with an error may ask for, and where it stands. */
  readonly broken: ReadonlyMap<ObjectId, string>;
}

/** What was made of specs before, in one and the same context: what of them is given again is not made again. */
export type MadeObjects = WeakMap<
  Spec,
  { readonly around: string; readonly objects: readonly DesiredObject[] }
>;

/** All that the specs ask for, as it is applied. */
export function buildDesired(
  parsed: Pick<ParsedSpecs, 'specs' | 'broken'> & Partial<Pick<ParsedSpecs, 'settings'>>,
  context: BuildContext,
  made: MadeObjects = new WeakMap(),
): Built {
  const broken = new Map(
    parsed.broken.flatMap(({ id, source }) => builtIds(id).map((each) => [each, source] as const)),
  );
  const objects = new Map<ObjectId, DesiredObject>();
  const findings: Finding[] = [];
  const services = distServices(parsed.specs);
  const claims = parsed.settings?.spec.external.claims ?? [];
  for (const spec of parsed.specs) {
    const surroundings = surroundingsOf(spec, parsed.specs, services, claims);
    const around = canonicalJson(surroundings);
    const known = made.get(spec);
    const all =
      known?.around === around
        ? known.objects
        : objectsOf(spec, context, surroundings).map((asked) => desiredObject(asked, spec, context));
    if (known?.objects !== all) made.set(spec, { around, objects: all });
    for (const desired of all) {
      const { id } = desired;
      const other = objects.get(id);
      if (other === undefined) {
        objects.set(id, desired);
      } else {
        findings.push(collision(spec, id, other));
        broken.set(id, spec.source);
      }
    }
  }
  return { objects: [...objects.values()].filter(({ id }) => !broken.has(id)), findings, broken };
}

function desiredObject(
  { object, createOnly, container, upload }: Asked,
  spec: Spec,
  context: BuildContext,
): DesiredObject {
  // What a manifest says of itself gives it none.
  const certificate = spec.kind === 'object' ? undefined : certificateOf(object);
  return {
    id: objectId(object),
    object: asApplied(object, context),
    source: spec.source,
    ...(createOnly === undefined ? {} : { createOnly }),
    ...(container === undefined ? {} : { container }),
    ...(upload === undefined ? {} : { upload }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(spec.sealed === undefined
      ? {}
      : { sealed: spec.kind === 'object' ? spec.sealed : { ...spec.sealed, paths: [] } }),
  };
}

/** An object as the API server is given it. */
export function asApplied(object: KubeObject, { applySet }: Pick<BuildContext, 'applySet'>): KubeObject {
  return withOwnership(normalise(object), applySet);
}

interface Asked {
  readonly object: KubeObject;
  readonly createOnly?: string;
  readonly container?: DriverContainer;
  readonly upload?: UploadPlace;
}

function objectsOf(spec: Spec, { image }: BuildContext, around: Surroundings): readonly Asked[] {
  switch (spec.kind) {
    case 'object':
      return [{ object: spec.manifest }];
    // Nothing is made of these yet: not even an anchor, which would claim that they are looked after.
    case 'WekaCluster':
    case 'WekaClient':
    case 'WekaManualOperation':
    case 'Approval':
      return [];
    case 'WekaPolicy':
      if (!isDistributing(spec)) return [];
      return [
        { object: anchor(spec.manifest, spec.sealed) },
        ...policyObjects(spec.policy, { image, hasClaim: around.hasClaim === true }).map((object) => ({
          object,
        })),
      ];
    case 'WekaContainer': {
      const { upload, names } = around;
      const { namespace, name } = spec.container.metadata;
      const secrets = names === undefined ? [] : distSecrets({ namespace, dist: name, names });
      return [
        { object: anchor(spec.manifest, spec.sealed) },
        ...secrets.map((object) => ({ object })),
        ...(names === undefined ? [] : [{ object: inUseObject({ namespace, dist: name }) }]),
        {
          object: containerPod(spec.container, image, { upload }),
          createOnly: WAITS_FOR_HANDS,
          container: spec.container,
          ...(upload === undefined ? {} : { upload }),
        },
      ];
    }
  }
}

const WAITS_FOR_HANDS =
  'A running pod of WEKA is not changed by this version: delete it by hand when it has no work, and it is made anew';

/** The objects that a manifest of this id is built into. */
function builtIds(id: ObjectId): readonly ObjectId[] {
  const { apiVersion, kind, namespace, name } = parseObjectId(id);
  if (apiVersion.startsWith('weka-gitops.dev/')) return [];
  if (!apiVersion.startsWith('weka.weka.io/')) return [id];
  const named = (each: string, of = 'ConfigMap', version = 'v1') =>
    objectId({
      apiVersion: version,
      kind: of,
      metadata: { name: each, ...(namespace === undefined ? {} : { namespace }) },
    });
  const own = named(anchorName(kind, name));
  // What is broken may be of any type or mode.
  switch (kind) {
    case 'WekaContainer':
      return [
        own,
        ...secretNames(name).map((each) => named(each, 'Secret')),
        named(inUseName(name)),
        named(name, 'Pod'),
      ];
    case 'WekaPolicy': {
      const dist = policyServiceName(name);
      return [
        own,
        ...secretNames(dist).map((each) => named(each, 'Secret')),
        named(inUseName(dist)),
        named(dist, 'Service'),
        named(dist, 'Deployment', 'apps/v1'),
      ];
    }
    default:
      return [];
  }
}

function secretNames(dist: string): readonly string[] {
  return [tlsSecret(dist), uploadSecret(dist)];
}

function collision(spec: Spec, id: ObjectId, other: DesiredObject): Finding {
  return finding(spec.place, ['metadata', 'name'], {
    level: 'error',
    rule: 'duplicate-object',
    message: `This manifest asks for ${id}, which ${other.source} asks for too.`,
    hint: 'Give one of the two another name.',
    object: spec.id,
  });
}
