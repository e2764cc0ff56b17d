import { z } from 'zod';

/** A span of time as Go writes it, with days and weeks besides: `90s`, `1h30m`, `7d`. */
export const Duration = z
  .string()
  .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$/, 'must be a duration such as 90s, 8h or 7d');
