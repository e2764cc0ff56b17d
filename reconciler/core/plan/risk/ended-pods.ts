import { isRecord, record, records } from '../../kube/json.ts';
import type { Risk, StoppedPods } from '../change.ts';
import { type Deed, few, named, touches, valueAfter, valueBefore } from './deed.ts';
import { counted, numberOf, runningPods } from './running-pods.ts';

const REASON = 'Its pods are stopped, and not made again';

/** Pods that run now and have no place any more: their workload goes, or asks for fewer of them. */
export function endedPods(deed: Deed): readonly Risk[] {
  const { op, before } = deed;
  if (before === undefined || op === 'replace') return [];
  switch (before.kind) {
    case 'Deployment':
    case 'StatefulSet':
      return ended(deed, runningPods(deed), op === 'prune' ? 0 : replicasAfter(deed));
    case 'DaemonSet':
      return op === 'prune' ? ended(deed, runningPods(deed), 0) : [];
    case 'Job':
      return op === 'prune' ? ended(deed, counted(deed, 'active'), 0) : [];
    case 'CronJob':
      return op === 'prune' ? jobsOf(deed) : [];
    case 'Pod':
      return op === 'prune' && !hasEnded(deed)
        ? [{ name: 'restart', reason: 'The pod is stopped, and not made again', evidence: named(before) }]
        : [];
    default:
      return [];
  }
}

/** How many pods there are to be, where the change says so. */
export function replicasAfter(deed: Deed): number | undefined {
  if (!touches(deed, 'spec.replicas')) return undefined;
  return numberOf(valueAfter(deed, 'spec.replicas') ?? 1);
}

function ended(deed: Deed, running: number, staying = running): readonly Risk[] {
  const { before } = deed;
  const gone = running - staying;
  if (before === undefined || gone <= 0) return [];
  const which =
    gone < running ? `${gone} of ${running} pods` : running === 1 ? 'the only pod' : `all ${running} pods`;
  const evidence = `${which} of ${named(before)}`;
  return [{ name: 'restart', reason: REASON, evidence, ...stopping(deed, gone, staying) }];
}

/** A StatefulSet ends those that it made last. */
function stopping(deed: Deed, count: number, staying: number): { readonly stops?: StoppedPods } {
  const { before } = deed;
  const selector = valueBefore(deed, 'spec.selector');
  const { namespace } = before?.metadata ?? {};
  if (namespace === undefined || !isRecord(selector)) return {};
  const start = numberOf(valueBefore(deed, 'spec.ordinals.start')) ?? 0;
  const from = before?.kind === 'StatefulSet' ? { from: { start, partition: staying } } : {};
  return { stops: { count, namespace, selector, ...from } };
}

/** The jobs that a schedule has running go with it, and their pods with them. */
function jobsOf({ before }: Deed): readonly Risk[] {
  if (before === undefined) return [];
  const names = records(record(before['status'])['active']).map(({ name }) => String(name));
  if (names.length === 0) return [];
  const evidence = `${names.length === 1 ? 'Job' : 'Jobs'} ${few(names)} of ${named(before)}`;
  return [{ name: 'restart', reason: 'Its jobs that run are stopped, and not made again', evidence }];
}

function hasEnded({ before }: Deed): boolean {
  const { phase } = record(before?.['status']);
  return phase === 'Succeeded' || phase === 'Failed';
}
