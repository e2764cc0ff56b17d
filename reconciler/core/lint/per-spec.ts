import type { Spec } from '../spec/spec.ts';

/**
 * What depends on one spec and nothing else, worked out when it is first asked for and kept as long as the spec is: specs
 * of files that did not change are the same objects in the next pass.
 */
export function perSpec<Of extends Spec, Result extends object | string>(
  make: (spec: Of) => Result,
): (spec: Of) => Result {
  const kept = new WeakMap<Of, Result>();
  return (spec) => {
    let result = kept.get(spec);
    if (result === undefined) {
      result = make(spec);
      kept.set(spec, result);
    }
    return result;
  };
}
