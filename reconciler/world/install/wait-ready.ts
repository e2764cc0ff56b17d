import { setTimeout as delay } from 'node:timers/promises';
import { type Health, healthOf } from '../../core/health/health.ts';
import { record, records } from '../../core/kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../../core/kube/object.ts';
import type { Interruptible } from '../../ports.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { type Reference, readInstalled } from './installed-resources.ts';

/** A workload that is not ready, and why. */
export interface NotReady {
  readonly id: ObjectId;
  readonly why: string;
}

const LOOK_EVERY_MS = 1000;

/** Waits until workloads are ready, for so long at most. Gives those that are not, with what the first of their pods lacks. */
export async function waitReady(
  api: KubeApi,
  workloads: readonly Reference[],
  { timeoutMs, signal }: Interruptible & { readonly timeoutMs: number },
): Promise<readonly NotReady[]> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const states = await Promise.all(workloads.map(async (each) => await stateOf(api, each)));
    const behind = states.filter(({ health }) => health.state !== 'current');
    if (behind.length === 0) return [];
    if (performance.now() >= end || signal?.aborted === true) {
      return await Promise.all(behind.map(async (each) => await reasonOf(api, each)));
    }
    await delay(Math.min(LOOK_EVERY_MS, Math.max(0, end - performance.now())), undefined, { signal }).catch(
      () => undefined,
    );
  }
}

interface State {
  readonly id: ObjectId;
  readonly live: KubeObject | undefined;
  readonly health: Health;
}

async function stateOf(api: KubeApi, workload: Reference): Promise<State> {
  const live = await readInstalled(api, workload);
  const id = objectId(workload);
  if (live === undefined) return { id, live, health: { state: 'missing', message: 'It is not there' } };
  return { id, live, health: isUnseen(live) ? UNSEEN : healthOf(live) };
}

const UNSEEN: Health = { state: 'progressing', message: 'Its controller has not seen it yet' };

function isUnseen({ status, metadata }: KubeObject): boolean {
  return record(status)['observedGeneration'] !== metadata.generation;
}

async function reasonOf(api: KubeApi, { id, live, health }: State): Promise<NotReady> {
  const namespace = live?.metadata.namespace;
  const labels = record(record(record(live?.['spec'])['selector'])['matchLabels']);
  if (namespace === undefined || Object.keys(labels).length === 0) return { id, why: health.message };
  const labelSelector = Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
  const { items } = await api.request<{ readonly items: readonly KubeObject[] }>(
    'GET',
    `/api/v1/namespaces/${namespace}/pods`,
    { query: { labelSelector, limit: 100 } },
  );
  const reasons = await Promise.all(
    items.filter((pod) => !isReady(pod)).map(async (pod) => await podReason(api, namespace, pod)),
  );
  const [first] = reasons.filter((reason) => reason !== undefined);
  return { id, why: first === undefined ? health.message : `${health.message}: ${first}` };
}

function conditionsOf(pod: KubeObject) {
  return records(record(pod['status'])['conditions']);
}

function isReady(pod: KubeObject): boolean {
  return conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** What a pod that is not ready waits for, as its node or the scheduler says it. */
async function podReason(api: KubeApi, namespace: string, pod: KubeObject): Promise<string | undefined> {
  const { name, uid } = pod.metadata;
  for (const { state } of records(record(pod['status'])['containerStatuses'])) {
    const { reason, message } = record(record(state)['waiting']);
    if (typeof reason !== 'string' || reason === 'ContainerCreating') continue;
    return `pod ${name}: ${reason}${typeof message === 'string' ? `, ${oneSentence(message)}` : ''}`;
  }
  const unscheduled = conditionsOf(pod).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (unscheduled !== undefined) return `pod ${name}: ${oneSentence(String(unscheduled['message']))}`;
  const { items } = await api.request<{ readonly items: readonly KubeObject[] }>(
    'GET',
    `/api/v1/namespaces/${namespace}/events`,
    { query: { fieldSelector: `involvedObject.uid=${uid},type=Warning`, limit: 50 } },
  );
  const last = items.at(-1);
  return last === undefined ? undefined : `pod ${name}: ${oneSentence(String(last['message']))}`;
}

function oneSentence(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 300);
}
