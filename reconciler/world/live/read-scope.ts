import { type Kind, kindNamed, kindOf } from '../../core/kube/kinds.ts';
import { type GroupKind, groupKind, type KubeObject, objectId } from '../../core/kube/object.ts';
import { PART_OF } from '../../core/desired/ownership.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Interruptible, Live, ReadScope, Unread } from '../../ports.ts';
import { ApiError, isClusterWide } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { MAX_CONNECTIONS } from '../kubeapi/transport.ts';
import { getObject } from './get-object.ts';
import { list } from './list.ts';
import type { Reference } from './paths.ts';
import { WantedValues } from './wanted-values.ts';

/** Wanted objects of one kind and namespace up to which each is asked for; beyond it one list of names tells who is there. */
export const FEW = 8;

/**
 * The members of the ApplySet and the wanted objects, for each kind in each namespace. One of them that cannot be read
 * in whole is told as unread, with none of its objects. Throws where no request would fare better.
 */
export async function readScope(api: KubeApi, scope: ReadScope, options: Interruptible = {}): Promise<Live> {
  const values = new WantedValues(scope.wanted);
  const read = (part: KnownPart, signal: AbortSignal) => readPart(api, part, { ...scope, values }, signal);
  return await readParts(scope, read, options);
}

/** Reads each part of a scope by `readOne`, whose failures are told as those of `readScope` are. */
export async function readParts(
  scope: ReadScope,
  readOne: (part: KnownPart, signal: AbortSignal) => Promise<readonly KubeObject[]>,
  { signal: given }: Interruptible = {},
): Promise<Live> {
  given?.throwIfAborted();
  const giveUp = new AbortController();
  const end = (): void => giveUp.abort(given?.reason);
  given?.addEventListener('abort', end);
  let timeouts = 0;
  const read = async (part: Part): Promise<PartRead> => {
    try {
      return { objects: await readOne(known(part), giveUp.signal) };
    } catch (error) {
      const isTimeout = error instanceof ApiError && error.code === 'API_TIMEOUT';
      if (isTimeout) timeouts += 1;
      // When as many as can be under way at once got no answer, the rest is not worth waiting for.
      if (!(error instanceof ReconcilerError) || isClusterWide(error) || timeouts >= MAX_CONNECTIONS) {
        giveUp.abort(error);
        throw error;
      }
      return { objects: [], unread: unread(part, error) };
    }
  };
  const settled = await Promise.allSettled(partsOf(scope).map(read));
  given?.removeEventListener('abort', end);
  giveUp.signal.throwIfAborted();
  const parts = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return {
    objects: new Map(parts.flatMap(({ objects }) => objects).map((object) => [objectId(object), object])),
    unread: parts.flatMap((part) => part.unread ?? []),
  };
}

/** One kind, in one namespace where it has namespaces. */
interface Part {
  readonly name: GroupKind;
  /** Undefined for one that we do not know, such as one that a later version of us recorded. */
  readonly kind: Kind | undefined;
  readonly namespace: string | undefined;
  readonly wanted: readonly string[];
}

/** A part of a kind that we know. */
export type KnownPart = Part & { readonly kind: Kind };

function known(part: Part): KnownPart {
  const { name, kind } = part;
  if (kind !== undefined) return { ...part, kind };
  throw new ApiError('API_NOT_FOUND', `This version of weka-gitops does not know ${name}.`);
}

interface PartRead {
  readonly objects: readonly KubeObject[];
  readonly unread?: Unread;
}

function partsOf({ kinds, namespaces, wanted, besides = [] }: ReadScope): readonly Part[] {
  const parts = new Map<string, Part & { readonly wanted: string[] }>();
  const part = (name: GroupKind, kind: Kind | undefined, namespace: string | undefined) => {
    const key = `${name} ${namespace ?? ''}`;
    const known = parts.get(key) ?? { name, kind, namespace, wanted: [] };
    parts.set(key, known);
    return known;
  };
  for (const name of kinds) {
    const kind = kindNamed(name);
    if (kind?.namespaced) for (const namespace of namespaces) part(name, kind, namespace);
    else part(name, kind, undefined);
  }
  for (const { kind, namespace } of besides) part(kind, kindNamed(kind), namespace);
  for (const object of wanted) {
    const kind = kindOf(object);
    const namespace = kind?.namespaced === false ? undefined : object.metadata.namespace;
    part(groupKind(object), kind, namespace).wanted.push(object.metadata.name);
  }
  return [...parts.values()];
}

async function readPart(
  api: KubeApi,
  { kind, namespace, wanted }: KnownPart,
  { applySet, values }: Pick<ReadScope, 'applySet'> & { readonly values: WantedValues },
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const listing = { kind, namespace, signal };
  const members = await list(api, {
    ...listing,
    labelSelector: `${PART_OF}=${applySet}`,
    keep: (object) => values.shared(object),
  });
  const told = new Set(members.map(({ metadata }) => metadata.name));
  let missing = [...new Set(wanted)].filter((candidate) => !told.has(candidate));
  if (missing.length > FEW) {
    const all = await list(api, { ...listing, metadataOnly: true });
    const there = new Set(all.map(({ metadata }) => metadata.name));
    missing = missing.filter((candidate) => there.has(candidate));
  }
  const others = await Promise.all(
    missing.map((candidate) => getObject(api, reference(kind, namespace, candidate), { signal })),
  );
  return [...members, ...others.filter((object) => object !== undefined)];
}

/** What addresses an object of a kind. */
export function reference(
  { apiVersion, kind }: Kind,
  namespace: string | undefined,
  name: string,
): Reference {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function unread({ name, namespace }: Part, error: ReconcilerError): Unread {
  const { code, message, hint, retryAfterMs } = error;
  const why = hint === undefined ? message : `${message} ${hint}`;
  return {
    kind: name,
    code,
    why,
    ...(namespace === undefined ? {} : { namespace }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
