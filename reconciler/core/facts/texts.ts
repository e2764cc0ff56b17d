import { record } from '../kube/json.ts';

/** Labels, annotations or data: the texts among the values of an object. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  const given = record(value);
  const entries = Object.entries(given);
  return entries.every(([, each]) => typeof each === 'string')
    ? (given as Readonly<Record<string, string>>)
    : Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
