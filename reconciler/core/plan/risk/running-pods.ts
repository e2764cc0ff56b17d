import { record } from '../../kube/json.ts';
import { type Deed, valueBefore } from './deed.ts';

/** Pods that a workload has; before the controller has seen the object, those that it asks for. */
export function runningPods(deed: Deed): number {
  const isDaemonSet = deed.before?.kind === 'DaemonSet';
  if (valueBefore(deed, 'status.observedGeneration') === undefined && !isDaemonSet)
    return numberOf(valueBefore(deed, 'spec.replicas')) ?? 1;
  return counted(deed, isDaemonSet ? 'currentNumberScheduled' : 'replicas');
}

/** A number in the status, which is left out where it is nothing. */
export function counted({ before }: Deed, name: string): number {
  return numberOf(record(before?.['status'])[name]) ?? 0;
}

/** `value` if it is a number. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
