import { z } from 'zod';

/** Labels that a node must have, each with its value. */
export const NodeLabels = z.record(z.string(), z.string());

const LabelSelectorRequirement = z.strictObject({
  key: z.string().min(1).describe('Label that is looked at.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How it is compared.'),
  values: z.array(z.string()).optional().describe('Values for In and NotIn.'),
});

/** Chooses objects by their labels. */
export const LabelSelector = z.strictObject({
  matchLabels: z
    .record(z.string(), z.string())
    .optional()
    .describe('Labels that an object must have with these values.'),
  matchExpressions: z
    .array(LabelSelectorRequirement)
    .optional()
    .describe('Conditions on labels; all must hold.'),
});

const NodeSelectorRequirement = z.strictObject({
  key: z.string().min(1).describe('Label or field of the node that is looked at.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How it is compared.'),
  values: z.array(z.string()).optional().describe('Values to compare with.'),
});

/** Conditions on a node that must hold together. */
export const NodeSelectorTerm = z.strictObject({
  matchExpressions: z
    .array(NodeSelectorRequirement)
    .optional()
    .describe('Conditions on labels; all must hold.'),
  matchFields: z.array(NodeSelectorRequirement).optional().describe('Conditions on fields; all must hold.'),
});
