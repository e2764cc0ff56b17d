import { onTestFinished } from 'vitest';
import { PART_OF } from '../../../../reconciler/core/desired/ownership.ts';
import type { GroupKind, KubeObject } from '../../../../reconciler/core/kube/object.ts';
import type { Clock, Live, Log, ReadScope } from '../../../../reconciler/ports.ts';
import { CompactObjects } from '../../../../reconciler/world/live/compact-objects.ts';
import type { KubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import {
  openWatchedCluster,
  type WatchedChange,
  type WatchedCluster,
  type WatchedClusterOptions,
} from '../../../../reconciler/world/live/watched-cluster.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { until } from '../../../cluster/until.ts';
import type { FaultServer } from '../../../support/fault-server.ts';
import { anObject } from '../../../support/objects.ts';
import { behindFaults } from './fixture.ts';

export const SET = 'applyset-watched-v1';
export const CONFIG_MAP = 'ConfigMap' as GroupKind;
export const SECRET = 'Secret' as GroupKind;

export function scope(namespace: string, rest: Partial<ReadScope> = {}): ReadScope {
  return { kinds: [CONFIG_MAP], namespaces: [namespace], wanted: [], applySet: SET, ...rest };
}

export function configMap(namespace: string, name: string, a = '1'): KubeObject {
  return anObject('v1/ConfigMap', name, { metadata: { namespace }, data: { a } });
}

/** A ConfigMap that carries the label of the set. */
export function member(namespace: string, name: string, a = '1'): KubeObject {
  const plain = configMap(namespace, name, a);
  return { ...plain, metadata: { ...plain.metadata, labels: { [PART_OF]: SET } } };
}

/** The object as a watched cluster keeps it. */
export function kept(object: KubeObject): KubeObject {
  return new CompactObjects().object(object);
}

export function allKept({ objects, unread }: Live): Live {
  return { objects: new Map([...objects].map(([id, object]) => [id, kept(object)])), unread };
}

export function named({ objects }: Live): string[] {
  return [...objects.values()].map(({ metadata }) => metadata.name).toSorted();
}

/** `member-0=1`: name and data of each ConfigMap. */
export function told({ objects }: Live): string[] {
  return [...objects.values()]
    .map(({ metadata, data }) => `${metadata.name}=${(data as { readonly a?: string } | undefined)?.a}`)
    .toSorted();
}

export interface Line extends Record<string, unknown> {
  readonly level: string;
  readonly message: string;
}

/** A log that keeps what it is told, save what is for debugging. */
export function keptLog(): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, ...fields });
  };
  return { log: { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

/** A clock that shows the time, plus what the test adds. */
export class ShiftedClock implements Clock {
  addedMs = 0;

  now(): Date {
    return new Date(Date.now() + this.addedMs);
  }
}

export interface Watched {
  readonly cluster: WatchedCluster;
  readonly server: FaultServer;
  readonly plain: KubeCluster;
  readonly lines: Line[];
  /** What its listeners were told, in words: `v1/ConfigMap/ns/name`, with ` status` where no more than that moved. */
  readonly changes: string[];
  readonly clock: ShiftedClock;
  /** Waits until every watch is open. */
  synced(): Promise<void>;
  /** Forgets the requests and changes so far. */
  forget(): void;
}

/** A watched cluster behind a proxy whose faults the test decides; it goes with the test. */
export async function watched(
  control: Cluster,
  options: Partial<WatchedClusterOptions> = {},
): Promise<Watched> {
  const { cluster: plain, server } = await behindFaults(control);
  const { log, lines } = keptLog();
  const clock = new ShiftedClock();
  const cluster = openWatchedCluster(plain, { log, clock, ...options });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const changes: string[] = [];
  cluster.onChange(({ id, status }: WatchedChange) => changes.push(status ? `${id} status` : id));
  return {
    cluster,
    server,
    plain,
    lines,
    changes,
    clock,
    synced: async () => {
      await until('every watch is open', () => cluster.state().synced);
    },
    forget: () => {
      server.requests.length = 0;
      changes.length = 0;
    },
  };
}

/** Method and path of each request. */
export function asked({ requests }: FaultServer): string[] {
  return requests.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`);
}
