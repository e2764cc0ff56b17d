import type { DriversScope } from './read-drivers.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import { KINDS } from './core/kube/kinds.ts';
import { type GroupKind, groupKind } from './core/kube/object.ts';
import type { InstallationRecord } from './core/plan/record.ts';
import type { Live, ReadScope } from './ports.ts';
import type { Installation } from './recorder.ts';

/** Without a record every kind that we make is listed, so that what an earlier installation left behind is found. */
export function scopeOf(
  record: InstallationRecord | undefined,
  desired: readonly DesiredObject[],
  applySet: string,
  {
    about,
    installation: { agentNamespace },
  }: { readonly about: DriversScope | undefined; readonly installation: Installation },
): ReadScope {
  const wanted = desired.map(({ object }) => object);
  const kinds = new Set<GroupKind>(
    record?.kinds ??
      KINDS.filter(({ allowed, kind }) => allowed === 'always' || kind === 'Pod').map(groupKind),
  );
  const namespaces = new Set(record?.namespaces);
  for (const object of wanted) {
    kinds.add(groupKind(object));
    if (object.metadata.namespace !== undefined) namespaces.add(object.metadata.namespace);
  }
  // What is asked of nodes is there, and nothing else of ours.
  if (agentNamespace !== undefined) namespaces.delete(agentNamespace);
  return {
    kinds: [...kinds],
    namespaces: [...namespaces],
    wanted: about === undefined ? wanted : [...wanted, ...about.wanted],
    applySet,
    ...(about === undefined ? {} : { besides: about.besides }),
  };
}

/** A first pass looks at kinds that nobody asks for, only in case; where it may not, that is no gap. */
export function toldOf(live: Live, firstWanted: readonly DesiredObject[] | undefined): Live {
  if (firstWanted === undefined) return live;
  const kinds = new Set(firstWanted.map(({ object }) => groupKind(object)));
  return { ...live, unread: live.unread.filter(({ kind }) => kinds.has(kind)) };
}
