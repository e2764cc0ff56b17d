import { isRecord, record, records } from '../../kube/json.ts';
import type { LabelSelector } from '../../placement/label-selector.ts';
import type { Risk, StoppedPods } from '../change.ts';
import { type Deed, few, named, touches, valueAfter, valueBefore } from './deed.ts';
import { endedPods, replicasAfter } from './ended-pods.ts';
import { paceWords } from './rollout-pace.ts';
import { counted, numberOf, runningPods } from './running-pods.ts';

/**
 * Pods that run now, and that the change stops, to make them again or for good. A ConfigMap or Secret that they read
 * starts none of them anew, so a change of one is no such risk.
 */
export function restart(deed: Deed): readonly Risk[] {
  return [...startedAnew(deed), ...endedPods(deed)];
}

function startedAnew(deed: Deed): readonly Risk[] {
  const { op, before, after } = deed;
  if (before === undefined || after === undefined) return [];
  switch (before.kind) {
    case 'Deployment':
    case 'DaemonSet':
    case 'StatefulSet':
      return op === 'replace' ? stoppedAtOnce(deed) : rollout(deed);
    case 'Job':
      return op === 'replace' ? jobAgain(deed) : [];
    case 'Pod':
      return op === 'replace'
        ? [{ name: 'restart', reason: 'The pod is deleted and made again', evidence: named(before) }]
        : newImages(deed);
    default:
      return [];
  }
}

const ROLLOUT = 'Its pods are stopped and made again from the new template';

function rollout(deed: Deed): readonly Risk[] {
  const { before } = deed;
  const pace = paceWords(deed);
  if (before === undefined || pace === undefined) return [];
  // What was held back until now starts once it is let go, whatever else changes.
  const isLetGo = touches(deed, 'spec.paused') || touches(deed, 'spec.updateStrategy');
  const pods = touches(deed, 'spec.template') ? runningPods(deed) : isLetGo ? oldPods(deed) : 0;
  // What has no place any more is not made again.
  const stopped = Math.min(pods, reached(deed, pods), replicasAfter(deed) ?? pods);
  if (stopped <= 0) return [];
  const evidence = `${podsWords(stopped)} of ${named(before)}, ${pace}`;
  return [{ name: 'restart', reason: ROLLOUT, evidence, ...stopping(deed, stopped) }];
}

function stoppedAtOnce(deed: Deed): readonly Risk[] {
  const pods = runningPods(deed);
  if (deed.before === undefined || pods === 0) return [];
  const evidence = `${podsWords(pods)} of ${named(deed.before)}, all down at once`;
  const reason = 'It is deleted with its pods and made again';
  return [{ name: 'restart', reason, evidence, ...stopping(deed, pods) }];
}

/** Of `pods`, how many an update gets at: a StatefulSet leaves those below its partition as they are. */
function reached(deed: Deed, pods: number): number {
  if (deed.before?.kind === 'DaemonSet') return pods;
  if (deed.before?.kind !== 'StatefulSet') return pods;
  const partition = numberOf(valueAfter(deed, 'spec.updateStrategy.rollingUpdate.partition')) ?? 0;
  const updated = touches(deed, 'spec.template') ? 0 : counted(deed, 'updatedReplicas');
  return runningPods(deed) - partition - updated;
}

/** Pods of an older template that was not rolled out. */
function oldPods(deed: Deed): number {
  const isDaemonSet = deed.before?.kind === 'DaemonSet';
  if (deed.before?.kind === 'StatefulSet') {
    const { currentRevision, updateRevision } = record(deed.before['status']);
    // Once all are of one revision the controller stops counting those that it updated.
    if (currentRevision === updateRevision) return 0;
  }
  return runningPods(deed) - counted(deed, isDaemonSet ? 'updatedNumberScheduled' : 'updatedReplicas');
}

function jobAgain(deed: Deed): readonly Risk[] {
  const { before } = deed;
  if (before === undefined) return [];
  const active = numberOf(record(before['status'])['active']) ?? 0;
  const evidence =
    active > 0 ? `${podsWords(active)} of ${named(before)}` : `${named(before)}, which has ended`;
  const reason = 'The job is deleted and made again, so its work runs once more';
  return [{ name: 'restart', reason, evidence, ...(active > 0 ? stopping(deed, active) : {}) }];
}

/** How the pods are told from others, so that they can be called by their names. */
function stopping(deed: Deed, count: number): { readonly stops?: StoppedPods } {
  const { before, op } = deed;
  const selector = valueBefore(deed, 'spec.selector');
  const { namespace } = before?.metadata ?? {};
  if (namespace === undefined || !isRecord(selector)) return {};
  const base = { count, namespace, selector: selector as LabelSelector };
  if (before?.kind !== 'StatefulSet' || op === 'replace') return { stops: base };
  const partition = numberOf(valueAfter(deed, 'spec.updateStrategy.rollingUpdate.partition')) ?? 0;
  const start = numberOf(valueBefore(deed, 'spec.ordinals.start')) ?? 0;
  const revision = record(before['status'])['updateRevision'];
  const isOld = !touches(deed, 'spec.template') && typeof revision === 'string';
  return {
    stops: { ...base, from: { start, partition }, ...(isOld ? { notOfRevision: revision } : {}) },
  };
}

/** The kubelet starts a container anew under its new image; init containers have had their time, save sidecars. */
function newImages({ before, after }: Deed): readonly Risk[] {
  if (before === undefined) return [];
  const old = containersOf(before['spec']);
  const names = [...containersOf(after?.['spec'])].flatMap(([name, image]) =>
    old.has(name) && old.get(name) !== image ? [name] : [],
  );
  if (names.length === 0) return [];
  const evidence = `${names.length === 1 ? 'container' : 'containers'} ${few(names)} of ${named(before)}`;
  return [{ name: 'restart', reason: 'Containers are stopped and started with another image', evidence }];
}

function containersOf(spec: unknown): ReadonlyMap<string, unknown> {
  const pod = record(spec);
  const sidecars = records(pod['initContainers']).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return new Map(
    [...records(pod['containers']), ...sidecars].map(({ name, image }) => [String(name), image]),
  );
}

function podsWords(pods: number): string {
  return pods === 1 ? '1 pod' : `${pods} pods`;
}
