import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { secretTexts } from '../plan/hide-secrets.ts';
import { plainMark } from '../plan/mark.ts';
import { HIDDEN } from '../plan/redact.ts';
import { hideInText } from '../plan/secret-text.ts';

/** Whether an ObjectId names a Secret. */
export function isSecret(target: string | undefined): boolean {
  return target?.startsWith('v1/Secret/') ?? false;
}

/**
 * Whether a field of this object may be shown. The planner has redacted Secrets already; this is the last net, so
 * it lists what is harmless and hides the rest, however a path may be spelled. A whole map may hold anything.
 */
export function mayShow(target: string, path: string, value: unknown): boolean {
  if (!isSecret(target)) return true;
  if (typeof value === 'object' && value !== null) return false;
  return /^(type$|immutable$|metadata\.(labels|annotations)\b)/.test(path) && !path.includes('last-applied');
}

/** Shorter values would hide half of every sentence, and are no secret. */
const SHORTEST = 4;

/**
 * What the API server or an admission webhook said of `object`, without what it may quote: the values of a Secret, and
 * what looks like a secret elsewhere.
 */
export function withoutValues(text: string, object: KubeObject): string {
  const hidden = quotable(secretsOf(object)).reduce((rest, value) => rest.replaceAll(value, HIDDEN), text);
  return hideInText(hidden, plainMark, 'sentence');
}

/** The texts by which a message would give away one of `secrets`, the longest first. */
export function quotable(secrets: readonly string[]): readonly string[] {
  const values = secrets.flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    ...value.split('\n').map((line) => line.trim()),
  ]);
  // A longer value may hold a shorter one, which must not cut it before it is found.
  return [...new Set(values)]
    .filter((value) => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
}

function secretsOf(object: KubeObject): readonly string[] {
  if (object.kind !== 'Secret') return secretTexts(object);
  const encoded = strings(object['data']);
  const decoded = encoded.map((value) => Buffer.from(value, 'base64').toString('utf8'));
  return [...encoded, ...decoded, ...strings(object['stringData'])];
}

function strings(map: unknown): readonly string[] {
  return Object.values(record(map)).filter((value) => typeof value === 'string');
}
