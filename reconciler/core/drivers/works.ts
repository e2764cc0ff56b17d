import { DriverResult, MAX_RESULT_BYTES } from '../../../schemas/drivers/result.ts';
import { PART_OF } from '../desired/ownership.ts';
import { record, records } from '../kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { isAppliedByUs } from '../plan/managed-fields.ts';
import { prose } from '../report/plain.ts';
import type { DriverWork } from './drivers.ts';
import { driverWorkOrder, type DriverWorkOrder } from './work-annotation.ts';

/** A live pod that builds, fetches or loads: what it was made for, and how far it is. */
export interface LiveWork extends DriverWork {
  readonly order: DriverWorkOrder;
  /** Node that it is on, or was made for. */
  readonly node: string | undefined;
  /** Whether its containers are not started again, and it did not end well: it was evicted, or its node went down. */
  readonly isLost: boolean;
  readonly isGoing: boolean;
}

/**
 * The pods at work on drivers, by their ids. Only what this program applied itself as part of `applySet` is believed: admission lets
 * nobody else make such a pod. Where it is unset, all that this program applied is.
 */
export function liveWorks(
  live: ReadonlyMap<ObjectId, KubeObject>,
  applySet: string | undefined,
): readonly LiveWork[] {
  return [...live.values()]
    .flatMap((pod) => {
      const order = driverWorkOrder(pod);
      if (order === undefined || !isAppliedByUs(pod)) return [];
      const isOurs = applySet === undefined || pod.metadata.labels?.[PART_OF] === applySet;
      return isOurs ? [liveWork(pod, order)] : [];
    })
    .toSorted((a, b) => compareText(a.pod, b.pod));
}

function liveWork(pod: KubeObject, order: DriverWorkOrder): LiveWork {
  const { phase, reason, message } = record(pod['status']);
  const { nodeName } = record(pod['spec']);
  const main = mainStatus(pod);
  const { state } = main;
  const ended = terminated(state) ?? terminated(main['lastState']);
  const left = ended && resultOf(ended['message']);
  const isLost = phase === 'Failed';
  return {
    pod: objectId(pod),
    order,
    does: order.does,
    service: order.service,
    target: order.target,
    node: order.node ?? (typeof nodeName === 'string' && nodeName !== '' ? nodeName : undefined),
    phase: phaseOf(phase, state),
    ...(left !== undefined && !isLost ? { result: left } : {}),
    ...whyOf({ pod, state, ended, left, lost: isLost ? sentence(message ?? reason ?? '') : undefined }),
    isLost,
    isGoing: pod.metadata.deletionTimestamp !== undefined,
  };
}

/** `namespace/name` of its pod. */
export function podName({ pod }: Pick<LiveWork, 'pod'>): string {
  return pod.replace(/^v1\/Pod\//, '');
}

function phaseOf(phase: unknown, state: unknown): DriverWork['phase'] {
  if (phase === 'Succeeded' || phase === 'Failed') return 'ended';
  const { running, terminated: over } = record(state);
  if (running !== undefined) return 'running';
  return over === undefined ? 'waiting' : 'ended';
}

function mainStatus(pod: KubeObject): Readonly<Record<string, unknown>> {
  const statuses = records(record(pod['status'])['containerStatuses']);
  const [first] = records(record(pod['spec'])['containers']);
  return statuses.find(({ name }) => name === first?.['name']) ?? statuses[0] ?? {};
}

function terminated(state: unknown): Readonly<Record<string, unknown>> | undefined {
  const { terminated: over } = record(state);
  return over === undefined ? undefined : record(over);
}

/** What a container left in its termination message; undefined for anything that is not of the form. */
function resultOf(message: unknown): DriverResult | undefined {
  if (typeof message !== 'string' || message.length > MAX_RESULT_BYTES) return undefined;
  try {
    return DriverResult.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

/** Why there is no result, as the kubelet or the scheduler has it. */
function whyOf({
  pod,
  state,
  ended,
  left,
  lost,
}: {
  readonly pod: KubeObject;
  readonly state: unknown;
  readonly ended: Readonly<Record<string, unknown>> | undefined;
  readonly left: DriverResult | undefined;
  readonly lost: string | undefined;
}): { readonly why?: string } {
  if (lost !== undefined) return { why: lost || 'The pod has failed.' };
  if (left !== undefined) return {};
  if (ended !== undefined) {
    const { reason, exitCode } = ended;
    const code = typeof exitCode === 'number' ? ` with exit code ${exitCode}` : '';
    const word = typeof reason === 'string' && reason !== 'Error' ? ` (${prose(reason, 60)})` : '';
    return { why: `It ended${code}${word}, and left no result that can be read.` };
  }
  const { reason, message } = record(record(state)['waiting']);
  if (typeof reason === 'string' && reason !== 'ContainerCreating' && reason !== 'PodInitializing') {
    return {
      why: sentence(typeof message === 'string' && message !== '' ? `${reason}: ${message}` : reason),
    };
  }
  const conditions = records(record(pod['status'])['conditions']);
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.['status'] === 'False')
    return { why: sentence(scheduled['message'] ?? 'It has no node yet') };
  return {};
}

function sentence(text: unknown): string {
  const line = prose(typeof text === 'string' ? text : '', 300);
  return line === '' || /[.!?…]$/.test(line) ? line : `${line}.`;
}
