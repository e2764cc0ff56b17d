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

/** All that the specs ask for, as it is applied. */
export function buildDesired(parsed: Pick<ParsedSpecs, 'specs' | 'broken'>, context: BuildContext): Built {
  const broken = new Map(
    parsed.broken.flatMap(({ id, source }) => builtIds(id).map((each) => [each, source] as const)),
  );
  const objects = new Map<ObjectId, DesiredObject>();
  const findings: Finding[] = [];
  for (const spec of parsed.specs) {
    for (const { object, createOnly } of objectsOf(spec, context)) {
      const id = objectId(object);
      const other = objects.get(id);
      if (other !== undefined) {
        findings.push(collision(spec, id, other));
        broken.set(id, spec.source);
        continue;
      }
      const owned = withOwnership(normalise(object), context.applySet);
      objects.set(id, {
        id,
        object: owned,
        source: spec.source,
        ...(createOnly === undefined ? {} : { createOnly }),
      });
    }
  }
  return { objects: [...objects.values()].filter(({ id }) => !broken.has(id)), findings, broken };
}

interface Asked {
  readonly object: KubeObject;
  readonly createOnly?: string;
}

function objectsOf(spec: Spec, { image }: BuildContext): readonly Asked[] {
  switch (spec.kind) {
    case 'object':
      return [{ object: spec.manifest }];
    case 'WekaContainer':
      return [
        { object: anchor(spec.manifest) },
        { object: containerPod(spec.container, image), createOnly: WAITS_FOR_HANDS },
      ];
  }
}

const WAITS_FOR_HANDS =
  'A running pod of WEKA is not changed by this version: delete it by hand when it has no work, and it is made anew';

/** The objects that a manifest of this id is built into. */
function builtIds(id: ObjectId): readonly ObjectId[] {
  const { apiVersion, kind, namespace, name } = parseObjectId(id);
  if (!apiVersion.startsWith('weka.weka.io/')) return [id];
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
