import * as z from 'zod';
import { DriversIntent } from './node/drivers.ts';

/** Raised when what a field means changes. An agent does nothing for an intent of another version, and says so. */
export const NODE_INTENT_VERSION = 1;

/** What the reconciler asks of a node. */
export const NodeIntent = z.object({
  schemaVersion: z.literal(NODE_INTENT_VERSION).describe('Version of this form.'),
  generation: z.int().min(1).describe('Grows with every change; the report names the one that it answers.'),
  drivers: DriversIntent.optional().describe('Drivers to load; what is loaded stays where this is absent.'),
});
export type NodeIntent = z.infer<typeof NodeIntent>;
