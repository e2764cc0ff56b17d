import type { Settings } from '../../../schemas/settings.ts';
import { record } from '../kube/json.ts';
import { canonicalJson } from '../kube/hash.ts';

/** A field of Settings that differs; what is not set has no value. */
export interface SettingsChange {
  /** `spec.prune.budget.objects`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What a merge changes of how passes are made, field by field, in the order of the paths. */
export function settingsChanges(base: Settings, merged: Settings): readonly SettingsChange[] {
  return differences('spec', base.spec, merged.spec).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function differences(path: string, from: unknown, to: unknown): SettingsChange[] {
  if (from === to) return [];
  if (isMap(from) && isMap(to)) {
    const [before, after] = [record(from), record(to)];
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => differences(`${path}.${name}`, before[name], after[name]));
  }
  if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return [];
  return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `spec.drift: correct → report`, `spec.suspend: not set → "the hall moves"`. */
export function settingsChangeWords({ path, from, to }: SettingsChange): string {
  return `${path}: ${valueWords(from)} → ${valueWords(to)}`;
}

function valueWords(value: unknown): string {
  if (value === undefined) return 'not set';
  if (Array.isArray(value) && value.length === 0) return 'none';
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}
