import { record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { are, condition, current, failed, messageOf, of, progressing, status, textAt } from './fields.ts';
import type { Health } from './health.ts';

/** Reasons for which a container waits that time alone rarely mends. */
const STUCK: Readonly<Record<string, string>> = {
  // The kubelet's own words for these hold a back-off time, or take turns, so they would differ at every look.
  CrashLoopBackOff: 'it ends again and again',
  ErrImagePull: 'its image cannot be pulled',
  ImagePullBackOff: 'its image cannot be pulled',
  ErrImageNeverPull: 'its image is not on the node, and may not be pulled',
  InvalidImageName: 'the name of its image is not valid',
  CreateContainerConfigError: '',
  CreateContainerError: '',
  RunContainerError: '',
};

export function podHealth(object: KubeObject): Health {
  const seen = status(object);
  const phase = textAt(seen, 'phase');
  const said = textAt(seen, 'message') || textAt(seen, 'reason');
  if (phase === 'Succeeded') return current('It ran to its end');
  if (phase === 'Failed') return failed(said || 'It failed');
  if (phase === 'Unknown') return progressing(said || 'Its node does not answer');

  const scheduled = condition(object, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return scheduled.reason === 'Unschedulable'
      ? failed(`No node takes it: ${messageOf(scheduled, 'unschedulable')}`)
      : progressing(messageOf(scheduled, 'It waits for a node'));
  }
  const main = records(seen['containerStatuses']);
  const stuck = [...records(seen['initContainerStatuses']), ...main]
    .map(stuckBecause)
    .find((why) => why !== undefined);
  if (stuck !== undefined) return failed(stuck);
  if (condition(object, 'Ready')?.status === 'True') return current('It is ready');
  if (main.length === 0) return progressing(said || 'It waits to start');
  const working = main.filter((container) => container['ready'] === true).length;
  return progressing(`${of(working, main.length, 'container')} ${are(main.length)} ready`);
}

function stuckBecause(container: Readonly<Record<string, unknown>>): string | undefined {
  const waiting = record(record(container['state'])['waiting']);
  const reason = textAt(waiting, 'reason');
  if (!Object.hasOwn(STUCK, reason)) return undefined;
  const words = STUCK[reason] || textAt(waiting, 'message') || reason;
  return `Container ${textAt(container, 'name')}: ${words}`;
}
