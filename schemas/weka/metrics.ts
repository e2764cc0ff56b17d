import { z } from 'zod';

const at = z.string().optional().describe('When it was read.');

/** A whole number with its time. */
export const IntMetric = z.looseObject({ value: z.int().optional().describe('The number.'), timestamp: at });

/** A number with its time, written as text. */
export const FloatMetric = z.looseObject({
  value: z.string().optional().describe('The number.'),
  timestamp: at,
});

/** Text with its time. */
export const StringMetric = z.looseObject({
  value: z.string().optional().describe('The text.'),
  timestamp: at,
});

/** How many of something there are. */
export const EntityStatefulNum = z.looseObject({
  active: IntMetric.optional().describe('At work.'),
  created: IntMetric.optional().describe('Made so far.'),
  desired: IntMetric.optional().describe('Wished for.'),
});

/** Drives of a cluster or container. */
export const DriveMetrics = z.looseObject({
  counters: EntityStatefulNum.optional().describe('How many there are.'),
  failures: z
    .array(
      z.looseObject({
        serialId: z.string().optional().describe('Serial number.'),
        wekaDriveId: z.string().optional().describe('Id within WEKA.'),
      }),
    )
    .optional()
    .describe('Those that failed.'),
});
