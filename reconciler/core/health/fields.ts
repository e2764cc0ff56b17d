import { record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Health } from './health.ts';

type Fields = Readonly<Record<string, unknown>>;

export function spec(object: KubeObject): Fields {
  return record(object['spec']);
}

export function status(object: KubeObject): Fields {
  return record(object['status']);
}

export function numberAt(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

export function textAt(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** One of the conditions in an object's status. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function condition(object: KubeObject, type: string): Condition | undefined {
  const found = records(status(object)['conditions']).find((each) => each['type'] === type);
  if (found === undefined) return undefined;
  return {
    type,
    status: textAt(found, 'status'),
    reason: textAt(found, 'reason'),
    message: textAt(found, 'message'),
  };
}

/** What a condition says, or its reason, or `otherwise`. */
export function messageOf({ message, reason }: Condition, otherwise: string): string {
  return message || reason || otherwise;
}

export function current(message: string): Health {
  return { state: 'current', message: short(message) };
}

export function progressing(message: string): Health {
  return { state: 'progressing', message: short(message) };
}

export function failed(message: string): Health {
  return { state: 'failed', message: short(message) };
}

/** One line without the full stop that controllers may or may not put. */
function short(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length <= 200 ? line : `${line.slice(0, 199).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `3 of 4 replicas`, `1 of 1 replica`. */
export function of(some: number, all: number, noun: string): string {
  return `${some} of ${all} ${all === 1 ? noun : `${noun}s`}`;
}

export function are(n: number): string {
  return n === 1 ? 'is' : 'are';
}
