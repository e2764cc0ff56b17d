import { record } from '../kube/json.ts';
import type { Spec } from '../spec/spec.ts';

/** What the manifest itself says at `path`, defaults left out. */
export function written(spec: Pick<Spec, 'manifest'>, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => record(value)[name], spec.manifest);
}

/** Whether the manifest says anything at `path`. */
export function isWritten(spec: Pick<Spec, 'manifest'>, ...path: readonly string[]): boolean {
  const value = written(spec, ...path);
  return value !== undefined && value !== null;
}
