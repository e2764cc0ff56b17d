import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import {
  are,
  condition,
  current,
  failed,
  messageOf,
  numberAt,
  of,
  progressing,
  spec,
  status,
  textAt,
} from './fields.ts';
import type { Health } from './health.ts';

export function deploymentHealth(object: KubeObject): Health {
  const wanted = numberAt(spec(object), 'replicas') ?? 1;
  const at = countsOf(object);
  const progress = condition(object, 'Progressing');
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded') {
    return failed(messageOf(progress, 'It made no progress within its deadline'));
  }
  const replicas = at('replicas');
  const updated = at('updatedReplicas');
  const refused = condition(object, 'ReplicaFailure');
  if (refused?.status === 'True' && replicas < wanted) {
    return progressing(messageOf(refused, 'Its pods cannot be created'));
  }
  if (updated < wanted) {
    const paused = spec(object)['paused'] === true ? ', and it is paused' : '';
    return progressing(`${of(updated, wanted, 'replica')} ${are(wanted)} up to date${paused}`);
  }
  if (replicas > updated) {
    const old = replicas - updated;
    return progressing(`${old} old ${old === 1 ? 'replica has' : 'replicas have'} to stop`);
  }
  return ready(Math.min(at('readyReplicas'), at('availableReplicas')), wanted, 'replica');
}

export function statefulSetHealth(object: KubeObject): Health {
  const wanted = numberAt(spec(object), 'replicas') ?? 1;
  const at = countsOf(object);
  const strategy = record(spec(object)['updateStrategy']);
  const onDelete = strategy['type'] === 'OnDelete';
  const partition = numberAt(record(strategy['rollingUpdate']), 'partition') ?? 0;
  if (at('replicas') > wanted) {
    const extra = at('replicas') - wanted;
    return progressing(`${extra} ${extra === 1 ? 'replica has' : 'replicas have'} to stop`);
  }
  if (at('readyReplicas') < wanted) return ready(at('readyReplicas'), wanted, 'replica');
  const toUpdate = Math.max(0, wanted - partition);
  const { currentRevision, updateRevision } = status(object);
  // Once all replicas are of one revision the controller stops counting those that it updated.
  if (!onDelete && currentRevision !== updateRevision && at('updatedReplicas') < toUpdate) {
    return progressing(`${of(at('updatedReplicas'), toUpdate, 'replica')} ${are(toUpdate)} up to date`);
  }
  return ready(at('readyReplicas'), wanted, 'replica');
}

export function daemonSetHealth(object: KubeObject): Health {
  const at = countsOf(object);
  if (numberAt(status(object), 'observedGeneration') === undefined) {
    return progressing('Its controller has not seen it yet');
  }
  const wanted = at('desiredNumberScheduled');
  if (wanted === 0) return current('No node asks for its pod');
  const onDelete = textAt(record(spec(object)['updateStrategy']), 'type') === 'OnDelete';
  if (!onDelete && at('updatedNumberScheduled') < wanted) {
    return progressing(`${of(at('updatedNumberScheduled'), wanted, 'pod')} ${are(wanted)} up to date`);
  }
  return ready(Math.min(at('numberReady'), at('numberAvailable')), wanted, 'pod');
}

/** A count that the controller leaves out is zero. */
function countsOf(object: KubeObject): (name: string) => number {
  const counts = status(object);
  return (name) => numberAt(counts, name) ?? 0;
}

function ready(some: number, all: number, noun: string): Health {
  const words = `${of(some, all, noun)} ${are(all)} ready`;
  return some < all ? progressing(words) : current(all === 0 ? `No ${noun} is asked for` : words);
}
