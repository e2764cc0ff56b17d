import { z } from 'zod';

const Field = z.strictObject({
  name: z.string().describe('Name of the field; of the kind itself where the whole kind is explained.'),
  type: z.string().describe('As kubectl writes it, e.g. `[]Object` or `map[string]string`.'),
  required: z.boolean().describe('Whether a manifest has to set it.'),
  description: z.string().describe('What it means, and what a change of it does.'),
  default: z.json().optional().describe('What holds where it is not set.'),
  enum: z.array(z.json()).optional().describe('The values that it may have.'),
  pattern: z.string().optional().describe('Regular expression that its text matches.'),
  deprecated: z.boolean().describe('Whether it is to be replaced.'),
  replacedBy: z.string().optional().describe('The field beside it that replaces it.'),
  actedOn: z
    .enum(['yes', 'in part', 'no', 'never'])
    .describe(
      'Whether this version does what it says; what it does not is checked, and reported as ignored. `never`: the cluster writes it.',
    ),
});

export type FieldOutput = z.infer<typeof Field> & { readonly fields: readonly FieldOutput[] };
const FieldOutput: z.ZodType<FieldOutput> = Field.extend({
  get fields() {
    return z.array(FieldOutput).readonly().describe('Fields below it; only the nearest without --recursive.');
  },
});

/** What `weka-gitops explain-field --output json` prints. */
export const FieldExplanation = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('FieldExplanation'),
  of: z.strictObject({ apiVersion: z.string(), kind: z.string() }).describe('The kind that has the field.'),
  path: z.string().describe('Where the field stands, e.g. `spec.image`; empty for the whole kind.'),
  field: FieldOutput,
});
export type FieldExplanation = z.infer<typeof FieldExplanation>;
