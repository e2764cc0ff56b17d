import type { Consent } from '../../desired/desired.ts';
import type { Storage } from '../../desired/volume-terms.ts';
import { canonicalJson } from '../../kube/hash.ts';
import { isRecord } from '../../kube/json.ts';
import type { KubeObject, ObjectId } from '../../kube/object.ts';
import { type Change, type FieldChange, isWrite, type Write } from '../change.ts';

/** What is known besides the change itself. */
export interface RiskContext {
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  /** Objects that the repository asks for, those whose manifest has an error among them. */
  readonly asked: ReadonlySet<ObjectId>;
  /** All volumes that are there, and their classes, or why they could not be looked at; unset where no plan needs them. */
  readonly storage?: StorageSeen | undefined;
  /** Objects that the installation itself is made of. */
  readonly own?: ReadonlySet<ObjectId> | undefined;
  /** Objects that would be pruned if they were not more than the budget allows, and the words that say so. */
  readonly overBudget?: { readonly objects: ReadonlySet<ObjectId>; readonly why: string };
  /** Objects that are there by a consent that is for many, by that consent: another one of them is nothing new. */
  readonly consented?: ReadonlyMap<string, KubeObject>;
}

/** One text for each consent that is for many. */
export function consentKey({ action, target, content }: Consent): string {
  return canonicalJson({ action, target, content });
}

export type StorageSeen = Storage | { readonly why: string };

/** What would be done to one object. `before` is absent for a new one, `after` for one that goes. */
export interface Deed {
  readonly op: Write['op'];
  readonly id: ObjectId;
  readonly fields: readonly FieldChange[];
  readonly before?: KubeObject;
  readonly after?: KubeObject;
  /** What a person consents to where it needs consent. */
  readonly consent?: Consent;
  /** The node of which it asks something. */
  readonly node?: string;
}

/** What `change` does, or would do once the prune budget lets it; undefined where it does nothing. */
export function deedOf(change: Change, { live, overBudget }: RiskContext): Deed | undefined {
  const { id, fields } = change;
  if (isWrite(change)) {
    return {
      op: change.op,
      id,
      fields,
      ...('live' in change ? { before: change.live } : {}),
      ...('desired' in change ? { after: change.desired } : {}),
      ...(change.consent === undefined ? {} : { consent: change.consent }),
      ...(change.node === undefined ? {} : { node: change.node.name }),
    };
  }
  const before = overBudget?.objects.has(id) === true ? live.get(id) : undefined;
  return before === undefined ? undefined : { op: 'prune', id, fields, before };
}

/** The object as it is known by: as it will be, or as it was where it goes. */
export function objectOf({ after, before }: Deed): KubeObject | undefined {
  return after ?? before;
}

/** `Deployment weka/exporter`, `Namespace weka`. */
export function named({ kind, metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** What stands at `path` of `value`, a list of fields; undefined where one is missing. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const field of path.split('.')) {
    if (!isRecord(found)) return undefined;
    found = found[field];
  }
  return found;
}

/** What stands at `path` before the change. */
export function valueBefore({ before }: Deed, path: string): unknown {
  return at(before, path);
}

/**
 * What will stand at `path`: what the manifest sets, else what is there and stays. Undefined where the API server will put its
 * default, as it does for a field that the manifest has given up.
 */
export function valueAfter({ op, before, after, fields }: Deed, path: string): unknown {
  const wanted = at(after, path);
  if (wanted !== undefined || op !== 'update') return wanted;
  const isGone = fields.some(
    ({ path: gone, to }) => to === undefined && (gone === path || path.startsWith(`${gone}.`)),
  );
  return isGone ? undefined : at(before, path);
}

/** Whether the change touches `path`, something in it, or all that it stands in. */
export function touches({ fields }: Deed, path: string): boolean {
  return fields.some(
    ({ path: field }) =>
      field === path ||
      field.startsWith(`${path}.`) ||
      field.startsWith(`${path}[`) ||
      path.startsWith(`${field}.`),
  );
}

/** The evidence that has `items` in it: a reader is shown a few of them, and a digest holds all. */
export function evidenceOf(
  items: readonly string[],
  words: (list: string) => string,
): { readonly evidence: string; readonly bound?: string } {
  const [evidence, bound] = [words(few(items)), words(items.join(', '))];
  return { evidence, ...(bound === evidence ? {} : { bound }) };
}

/** The first few of `items`, and how many there are besides. */
export function few(items: readonly string[], separator = ', ', most = 6): string {
  const more = items.length - most;
  return more > 0
    ? `${items.slice(0, most).join(separator)}${separator}and ${more} more`
    : items.join(separator);
}
