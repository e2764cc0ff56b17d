import { z } from 'zod';

/** One thing that is so or not, as controllers report it. */
export const Condition = z.looseObject({
  type: z.string().describe('What is looked at.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
  reason: z.string().optional().describe('Why, in one word.'),
  message: z.string().optional().describe('Why, for people.'),
  lastTransitionTime: z.string().optional().describe('When that changed.'),
  observedGeneration: z.int().optional().describe('Version of the manifest it speaks of.'),
});
