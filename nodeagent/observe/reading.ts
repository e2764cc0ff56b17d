import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** What became of looking at something on the host. What is absent is not there; what failed may be. */
export type Reading<Value> =
  | { readonly state: 'read'; readonly value: Value }
  | { readonly state: 'absent' | 'failed'; readonly reason: string };

/** What `parse` makes of what was read; otherwise unknown, with the reason. */
export function known<Value, Result>(
  reading: Reading<Value>,
  parse: (value: Value) => Observed<Result>,
): Observed<Result> {
  return reading.state === 'read' ? parse(reading.value) : unknown(reading.reason);
}

/** As `known`, and undefined where it is absent: for what a host need not have. */
export function knownIfAny<Value, Result>(
  reading: Reading<Value>,
  parse: (value: Value) => Observed<Result>,
): Observed<Result> | undefined {
  return reading.state === 'absent' ? undefined : known(reading, parse);
}

/** The value where it was read; undefined otherwise. For choosing between sources, never for a fact. */
export function valueOf<Value>(reading: Reading<Value>): Value | undefined {
  return reading.state === 'read' ? reading.value : undefined;
}
