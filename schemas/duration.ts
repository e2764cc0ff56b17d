import { z } from 'zod';

/** A span of time as Go writes it, with days and weeks besides: `90s`, `1h30m`, `7d`. */
export const Duration = z
  .string()
  .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$/, 'must be a duration such as 90s, 8h or 7d');

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds that a `Duration` stands for. What is not one counts as no time at all. */
export function durationMs(text: string): number {
  const parts = text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)/g);
  return [...parts].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0);
}
