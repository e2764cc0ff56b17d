import { z } from 'zod';

/** A span of time as Kubernetes reads it: hours are the largest unit. */
export const KubeDuration = z
  .string()
  .regex(/^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$/, 'must be a duration such as 90s, 5m or 24h');
