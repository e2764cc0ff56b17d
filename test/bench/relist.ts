/**
 * What it costs to list all anew, whatever the watches say: `relist JOB` keeps the objects of an installation, lets them be
 * listed a few times, and prints what each time took. Nothing else goes on in the process.
 */
import { readFileSync } from 'node:fs';
import type { GroupKind } from '../../reconciler/core/kube/object.ts';
import { openKubeCluster } from '../../reconciler/world/live/kube-cluster.ts';
import { openWatchedCluster } from '../../reconciler/world/live/watched-cluster.ts';
import { until } from '../cluster/until.ts';

/** The JSON file that it works off. */
export interface RelistJob {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Whose members are listed. */
  readonly applySet: string;
  readonly objects: number;
  readonly times: number;
}

/** What it prints, as JSON. */
export interface Relisted {
  /** CPU seconds of one listing, compared and kept. */
  readonly cpuSeconds: number;
  readonly seconds: number;
}

const { kubeconfig, namespace, applySet, objects, times } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as RelistJob;
const quiet = () => undefined;
const kube = await openKubeCluster({ kubeconfig, env: {}, userAgent: 'weka-gitops/relist' });
const cluster = openWatchedCluster(kube, {
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  // Far less than what it takes: one begins when the one before has ended.
  relistEveryMs: 1,
});
const scope = { kinds: ['ConfigMap' as GroupKind], namespaces: [namespace], wanted: [], applySet };
const { objects: seen } = await cluster.read(scope);
if (seen.size !== objects) throw new Error(`${seen.size} objects were listed, and not ${objects}.`);

const lists = () => Object.values(cluster.state().counts.lists).reduce((sum, each) => sum + each, 0);
const next = async (after: number) =>
  await until('another list', () => lists() > after, { timeoutMs: 60_000, everyMs: 5 });
// The watch is open by then, and code is warm.
await next(lists());
const before = { lists: lists(), cpu: process.cpuUsage(), at: performance.now() };
await next(before.lists + times - 1);
const { user, system } = process.cpuUsage(before.cpu);
const made = lists() - before.lists;
const figures: Relisted = {
  cpuSeconds: (user + system) / 1e6 / made,
  seconds: (performance.now() - before.at) / 1000 / made,
};
console.log(JSON.stringify(figures));
await cluster[Symbol.asyncDispose]();
await kube.close();
