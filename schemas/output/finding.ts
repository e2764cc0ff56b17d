import { z } from 'zod';

/** A fault in a spec, with its place. `ignored` marks a field that is accepted and not acted on yet. */
export const FindingOutput = z.strictObject({
  level: z
    .enum(['error', 'warning', 'ignored'])
    .describe('An error keeps its object from being applied and all pruning from happening.'),
  rule: z.string().describe('Stable name of the rule, e.g. `unknown-field`.'),
  file: z.string().describe('Path within the repository.'),
  line: z.int().min(1).describe('1-based.'),
  column: z.int().min(1).describe('1-based, in characters.'),
  message: z.string().describe('What is wrong, in one sentence.'),
  hint: z.string().optional().describe('What to do about it.'),
  excerpt: z.string().optional().describe('The line of the file and a caret below the place.'),
  object: z
    .string()
    .optional()
    .describe(
      'The object that the manifest describes, e.g. `apps/v1/DaemonSet/weka/agent`, where it could be read.',
    ),
});
export type FindingOutput = z.infer<typeof FindingOutput>;

/** What `weka-gitops validate --output json` prints. */
export const Findings = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('Findings'),
  summary: z.strictObject({
    files: z.int(),
    objects: z.int(),
    errors: z.int(),
    warnings: z.int(),
    ignored: z.int(),
    silenced: z.int().describe('Findings that objects are exempt from by annotation; they are not told.'),
  }),
  findings: z.array(FindingOutput),
});
export type Findings = z.infer<typeof Findings>;
