import type { DriverContainer } from '../../../schemas/weka-container.ts';
import type { Finding } from '../spec/finding.ts';
import { finding } from '../spec/finding.ts';
import type { ParsedSpecs, Spec } from '../spec/parse.ts';
import { type KubeObject, objectId, type ObjectId, parseObjectId } from '../kube/object.ts';
import { anchor, anchorName } from './anchor.ts';
import { containerPod } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import { normalise } from './normalise.ts';
import { withOwnership } from './ownership.ts';

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
export type MadeObjects = WeakMap<Spec, readonly DesiredObject[]>;

/** All that the specs ask for, as it is applied. */
export function buildDesired(
  parsed: Pick<ParsedSpecs, 'specs' | 'broken'>,
  context: BuildContext,
  made: MadeObjects = new WeakMap(),
): Built {
  const broken = new Map(
    parsed.broken.flatMap(({ id, source }) => builtIds(id).map((each) => [each, source] as const)),
  );
  const objects = new Map<ObjectId, DesiredObject>();
  const findings: Finding[] = [];
  for (const spec of parsed.specs) {
    const known = made.get(spec);
    const all = known ?? objectsOf(spec, context).map((asked) => desiredObject(asked, spec, context));
    if (known === undefined) made.set(spec, all);
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
  { object, createOnly, container }: Asked,
  spec: Spec,
  context: BuildContext,
): DesiredObject {
  return {
    id: objectId(object),
    object: asApplied(object, context),
    source: spec.source,
    ...(createOnly === undefined ? {} : { createOnly }),
    ...(container === undefined ? {} : { container }),
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
}

function objectsOf(spec: Spec, { image }: BuildContext): readonly Asked[] {
  switch (spec.kind) {
    case 'object':
      return [{ object: spec.manifest }];
    // Nothing is made of these yet: not even an anchor, which would claim that they are looked after.
    case 'WekaCluster':
    case 'WekaClient':
    case 'WekaPolicy':
    case 'WekaManualOperation':
    case 'Approval':
      return [];
    case 'WekaContainer':
      return [
        { object: anchor(spec.manifest, spec.sealed) },
        {
          object: containerPod(spec.container, image),
          createOnly: WAITS_FOR_HANDS,
          container: spec.container,
        },
      ];
  }
}

const WAITS_FOR_HANDS =
  'A running pod of WEKA is not changed by this version: delete it by hand when it has no work, and it is made anew';

/** The objects that a manifest of this id is built into. */
function builtIds(id: ObjectId): readonly ObjectId[] {
  const { apiVersion, kind, namespace, name } = parseObjectId(id);
  if (apiVersion.startsWith('weka-gitops.dev/')) return [];
  if (!apiVersion.startsWith('weka.weka.io/')) return [id];
  if (kind !== 'WekaContainer') return [];
  const within = namespace === undefined ? {} : { namespace };
  return [
    objectId({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: anchorName(kind, name), ...within } }),
    objectId({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...within } }),
  ];
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
