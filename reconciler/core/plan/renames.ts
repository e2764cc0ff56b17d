import { isRecord } from '../kube/json.ts';
import { type KubeObject, type ObjectId, parseObjectId } from '../kube/object.ts';
import { APPLIED_FIELDS } from './applied-fields.ts';
import type { Change } from './change.ts';
import { compare } from './compare.ts';
import { lastField } from './field-path.ts';

type Create = Extract<Change, { op: 'create' }>;

/** Pairs that are held against each other at most: links are for the reader, and not worth a second. */
const MOST_PAIRS = 5000;

/**
 * `changes` where an object that comes and one that goes, of the same kind and namespace and the same but for their names,
 * say so of each other. Nothing is done differently for it. `live` has the objects that go.
 */
export function withRenames(
  changes: readonly Change[],
  live: ReadonlyMap<ObjectId, KubeObject>,
): readonly Change[] {
  const going = changes.filter(isGoing);
  const coming = changes.filter((change) => change.op === 'create');
  if (going.length === 0 || coming.length === 0) return changes;
  const byPlace = Map.groupBy(going, ({ id }) => placeOf(id));
  const links = new Map<ObjectId, ObjectId>();
  let pairs = 0;
  for (const create of coming) {
    for (const { id } of byPlace.get(placeOf(create.id)) ?? []) {
      const old = live.get(id);
      if (old === undefined || links.has(id)) continue;
      pairs += 1;
      if (pairs > MOST_PAIRS) return linked(changes, links);
      if (!isSameButForName(create, old)) continue;
      links.set(id, create.id);
      links.set(create.id, id);
      break;
    }
  }
  return linked(changes, links);
}

function linked(changes: readonly Change[], links: ReadonlyMap<ObjectId, ObjectId>): readonly Change[] {
  return changes.map((change) => {
    const other = links.get(change.id);
    if (other === undefined) return change;
    return change.op === 'create' ? { ...change, renamedFrom: other } : { ...change, renamedTo: other };
  });
}

/** What no manifest asks for any more, whether it may go in this pass or not. */
function isGoing({ op, source }: Change): boolean {
  return op === 'prune' || ((op === 'wait' || op === 'refuse') && source === undefined);
}

function placeOf(id: ObjectId): string {
  const { apiVersion, kind, namespace = '' } = parseObjectId(id);
  return `${apiVersion}/${kind}/${namespace}`;
}

function isSameButForName({ desired }: Create, old: KubeObject): boolean {
  const { name } = desired.metadata;
  // An object without content is the same as any other of its kind.
  const content = Object.keys(desired).some((field) => !['apiVersion', 'kind', 'metadata'].includes(field));
  if (!content) return false;
  const as = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, name: old.metadata.name },
  });
  const isSame = (object: KubeObject) =>
    compare(object, old).every(({ path }) => lastField(path) === APPLIED_FIELDS);
  return isSame(as(desired)) || isSame(as(withName(desired, name, old.metadata.name) as KubeObject));
}

/** Labels and selectors often have the object's name. */
function withName(value: unknown, name: string, old: string): unknown {
  if (value === name) return old;
  if (Array.isArray(value)) return value.map((each) => withName(each, name, old));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, member]) => [field, withName(member, name, old)]),
  );
}
