import { z } from 'zod';

/** What a check came to. */
export const CheckResult = z
  .enum(['fail', 'unknown', 'warn', 'pass'])
  .describe('Unknown is never counted as passed; a warning is told, and keeps nothing from working.');
export type CheckResult = z.infer<typeof CheckResult>;

/** A value, and on how many nodes it was seen. */
const Seen = z.strictObject({ value: z.string(), nodes: z.int().min(0) });

/** One lack, with all nodes that have it. */
export const PreflightProblem = z.strictObject({
  checks: z
    .array(z.string())
    .describe(
      'Stable names of the checks that are at fault; several only where one reason keeps them all from being made.',
    ),
  scope: z.enum(['cluster', 'node']).describe('What lacks it: the cluster as a whole, or nodes.'),
  result: CheckResult.exclude(['pass']),
  needed: z.string().optional().describe('What there should be; absent where it is unknown what there is.'),
  mend: z.strictObject({
    words: z.string().describe('What to do, in one sentence.'),
    commands: z
      .array(z.string())
      .describe('Commands in order. `NODE` stands for the name of each node where there are several.'),
  }),
  seen: z
    .array(
      z.strictObject({
        value: z.string().describe('What there is, or why it is unknown.'),
        nodes: z.array(z.string()).describe('Nodes where this was seen; none for the cluster as a whole.'),
      }),
    )
    .describe('The most frequent first.'),
});
export type PreflightProblem = z.infer<typeof PreflightProblem>;

/** A check, and where it passed. */
export const PreflightCheck = z.strictObject({
  check: z.string().describe('Stable name, e.g. `huge-pages`.'),
  scope: z.enum(['cluster', 'node']),
  about: z.string().describe('What is looked at.'),
  passed: z.int().min(0).describe('Nodes that passed; 1 for a cluster that did.'),
  seen: z.array(Seen).describe('What was seen where it passed, the most frequent first; at most 100 values.'),
});
export type PreflightCheck = z.infer<typeof PreflightCheck>;

/** A node, and what became of its checks. */
export const PreflightNode = z.strictObject({
  name: z.string(),
  hosts: z.array(z.string()).describe('What it is to host, e.g. `drive of demo`.'),
  result: CheckResult.describe('The worst of its checks.'),
  fail: z.array(z.string()).describe('Names of checks.'),
  unknown: z.array(z.string()),
  warn: z.array(z.string()),
});
export type PreflightNode = z.infer<typeof PreflightNode>;

/** What `weka-gitops preflight --output json` prints. */
export const Preflight = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('Preflight'),
  cluster: z.string(),
  source: z.string().optional().describe('The file of facts, where not the cluster itself was asked.'),
  asks: z
    .strictObject({ ref: z.string(), commit: z.string() })
    .optional()
    .describe(
      'Whose manifests the nodes are held against; absent where each is held against one container of one core.',
    ),
  clean: z.boolean().describe('Whether no check fails or is unknown.'),
  summary: z
    .strictObject({ fail: z.int(), unknown: z.int(), warn: z.int(), pass: z.int() })
    .describe('Nodes by the worst of their checks.'),
  problems: z.array(PreflightProblem).describe('What fails first, then what is unknown, then warnings.'),
  checks: z.array(PreflightCheck).describe('All checks that were made, with what passed.'),
  nodes: z.array(PreflightNode).describe('By name.'),
  idle: z.array(z.string()).describe('Nodes that the manifests ask nothing of, and that were not looked at.'),
  notes: z.array(z.string()).describe('What to know about this answer.'),
});
export type Preflight = z.infer<typeof Preflight>;
