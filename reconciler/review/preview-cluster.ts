import type { Pass } from '../assess.ts';
import { PART_OF } from '../core/desired/ownership.ts';
import { kindNamed } from '../core/kube/kinds.ts';
import { type GroupKind, groupKind, type KubeObject, objectId } from '../core/kube/object.ts';
import type { Cluster, Live, ReadScope, Unread } from '../ports.ts';

/**
 * The cluster for the plan of a pull request: what the plan of its base was made from stands as it is, so that both
 * are of the same moment, and only what the pull request asks for besides is read. Everything ends with `signal`.
 */
export function previewCluster(
  cluster: Cluster,
  { scope, live, drivers }: Pick<Pass, 'scope' | 'live' | 'drivers'>,
  signal: AbortSignal,
): Cluster {
  return {
    get: (object) => cluster.get(object, { signal }),
    async read(wanted) {
      const parts = await Promise.all(
        beyond(wanted, { scope, live }).map((part) => cluster.read(part, { signal })),
      );
      return joined(standing(live, wanted), parts);
    },
    placementFacts: (options) => cluster.placementFacts({ ...options, signal }),
    storageFacts: () => cluster.storageFacts({ signal }),
    async seeNodes(options) {
      const nodes = drivers?.nodes;
      return nodes === undefined || 'unread' in nodes
        ? await cluster.seeNodes({ ...options, signal })
        : nodes;
    },
    dryRun: (object, { force }) => cluster.dryRun(object, { force, signal }),
    apply: (object, { force }) => cluster.apply(object, { force, signal }),
    delete: (object) => cluster.delete(object, { signal }),
    waitGone: (object, timeoutMs) => cluster.waitGone(object, timeoutMs, { signal }),
  };
}

/** What of a scope nothing is known about yet, in parts that leave out what is. */
function beyond(scope: ReadScope, known: Pick<Pass, 'scope' | 'live'>): readonly ReadScope[] {
  const { applySet } = scope;
  const [kinds, newKinds] = split(scope.kinds, new Set(known.scope.kinds));
  const [namespaces, newNamespaces] = split(scope.namespaces, new Set(known.scope.namespaces));
  const before = new Set(known.scope.wanted.map(objectId));
  const wanted = scope.wanted.filter((object) => {
    const id = objectId(object);
    return !before.has(id) && !known.live.objects.has(id);
  });
  const isNew = new Set<GroupKind>(newKinds);
  const [wantedOld, wantedNew] = [
    wanted.filter((object) => !isNew.has(groupKind(object))),
    wanted.filter((object) => isNew.has(groupKind(object))),
  ];
  const parts: ReadScope[] = [];
  const besides = (scope.besides ?? []).filter(
    (each) =>
      !known.scope.besides?.some(({ kind, namespace }) => kind === each.kind && namespace === each.namespace),
  );
  if (besides.length > 0) parts.push({ kinds: [], namespaces: [], wanted: [], applySet, besides });
  if (newKinds.length > 0) {
    parts.push({
      kinds: newKinds,
      namespaces: [...namespaces, ...newNamespaces],
      wanted: wantedNew,
      applySet,
    });
  }
  if (wantedOld.length > 0 || newNamespaces.length > 0) {
    // Kinds without namespaces were read.
    const spread = kinds.filter((name) => newNamespaces.length > 0 && kindNamed(name)?.namespaced === true);
    parts.push({ kinds: spread, namespaces: newNamespaces, wanted: wantedOld, applySet });
  }
  return parts;
}

/** Members of the ApplySet, and what is wanted; an object of somebody else that only the base names is nobody's matter. */
function standing({ objects, unread }: Live, { wanted, applySet }: ReadScope): Live {
  const asked = new Set(wanted.map(objectId));
  const isOurs = ({ metadata }: KubeObject) => metadata.labels?.[PART_OF] === applySet;
  return { unread, objects: new Map([...objects].filter(([id, object]) => asked.has(id) || isOurs(object))) };
}

function joined(first: Live, others: readonly Live[]): Live {
  const told = new Map<string, Unread>();
  for (const each of [first, ...others].flatMap(({ unread }) => unread)) {
    told.set(`${each.kind} ${each.namespace ?? ''}`, each);
  }
  return {
    objects: new Map([first, ...others].flatMap(({ objects }) => [...objects])),
    unread: [...told.values()],
  };
}

function split<Value>(values: readonly Value[], known: ReadonlySet<Value>): readonly [Value[], Value[]] {
  return [values.filter((each) => known.has(each)), values.filter((each) => !known.has(each))];
}
