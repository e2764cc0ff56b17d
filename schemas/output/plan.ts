import { z } from 'zod';
import { RiskName } from '../risk.ts';
import { DriversOutput } from './drivers.ts';
import { FindingOutput } from './finding.ts';

/** One field that a change touches. */
export const FieldOutput = z.strictObject({
  path: z.string().describe('E.g. `spec.template.spec.containers[name=weka].image`.'),
  from: z
    .json()
    .optional()
    .describe('The live value; absent for a new field. What is secret, or looks so, is `(hidden #…)`.'),
  to: z.json().optional().describe('The value that is asked for; absent for a field that is removed.'),
  manager: z.string().optional().describe('Another field manager that set the live value.'),
  by: z.string().optional().describe('How it did, e.g. `by hand: kubectl edit`.'),
  at: z.string().optional().describe('When it did.'),
  reordered: z.boolean().optional().describe('Nothing but the order of the list changes.'),
  cut: z.boolean().optional().describe('A value is too long to be told in full.'),
});
export type FieldOutput = z.infer<typeof FieldOutput>;

/** A mark that a reviewer should look twice. */
export const FlagOutput = z.enum(['drift', 'conflict', 'force', 'secret', 'unproven']);
export type FlagOutput = z.infer<typeof FlagOutput>;

/** What may go wrong with a change. */
export const RiskOutput = z.strictObject({
  name: RiskName,
  reason: z.string(),
  evidence: z.string().optional().describe('What shows it: names and counts, never a value of a Secret.'),
});
export type RiskOutput = z.infer<typeof RiskOutput>;

export const Operation = z
  .enum(['create', 'update', 'replace', 'prune', 'keep', 'refuse', 'wait', 'run'])
  .describe('`keep` is unchanged, `refuse` needs a person, `wait` needs something else first.');
export type Operation = z.infer<typeof Operation>;

/** When an object is written: what others stand on comes first. */
export const StageOutput = z.enum([
  'cluster',
  'identity',
  'config',
  'network',
  'workload',
  'route',
  'admission',
]);
export type StageOutput = z.infer<typeof StageOutput>;

const HostPort = z.int().min(1).max(65_535);

/** Where a pod of WEKA stands, and what it has there. */
export const PlacementOutput = z.strictObject({
  node: z.string(),
  how: z
    .enum(['new', 'kept', 'moved'])
    .describe(
      '`kept`: it is there, or was; `moved`: the node that it had is gone, or all its drives there are, or does not take it back.',
    ),
  from: z
    .strictObject({
      node: z.string(),
      why: z.string().describe('To follow the name of the node: `is cordoned`.'),
    })
    .optional()
    .describe('Where one that was moved stood before, and why it is not made there again.'),
  note: z.string().optional().describe('What is odd about what the cluster says of its nodes and pods.'),
  drives: z.array(z.string()).describe('Serials of its drives.'),
  ports: z
    .strictObject({
      base: HostPort.optional().describe('First of its ports on the node.'),
      count: z.int().optional().describe('How many there are.'),
      agent: HostPort.optional().describe('Port of its agent.'),
      singles: z.record(z.string(), HostPort).optional().describe('Others, by field of the manifest.'),
    })
    .describe('Ports of the node; empty for a pod that has none.'),
});
export type PlacementOutput = z.infer<typeof PlacementOutput>;

/** A node of which something is asked. */
const NodeAskedOutput = z.strictObject({
  name: z.string(),
  does: z.array(z.string()).describe('What it makes the node do, in lines for people.'),
});

/** What is intended for one object. */
export const ChangeOutput = z.strictObject({
  op: Operation,
  target: z.string().describe('E.g. `apps/v1/DaemonSet/namespace/name`, `v1/Namespace/name`.'),
  stage: StageOutput.describe('Stages are written in this order, and pruned in reverse.'),
  cluster: z
    .string()
    .optional()
    .describe(
      'The WEKA cluster that what is written or deleted is part of, as `namespace/name`; `name` for a cluster-wide object.',
    ),
  fields: z.array(FieldOutput),
  flags: z.array(FlagOutput),
  risks: z.array(RiskOutput).describe('The gravest first; empty where nothing is known to go wrong.'),
  reason: z.string().optional().describe('Why it is replaced, refused or waits.'),
  approvedBy: z
    .array(z.string())
    .optional()
    .describe('Names of the Approvals that it goes ahead with, where it needed any.'),
  source: z.string().optional().describe('`file:line` of the manifest; absent for what none asks for.'),
  placement: PlacementOutput.optional().describe('Where it stands, for a pod of WEKA that has a node.'),
  node: NodeAskedOutput.optional().describe('The node, where the object says what is asked of one.'),
  adds: z
    .array(FieldOutput)
    .optional()
    .describe(
      'What admission in this cluster would make of it beyond the manifest: `from` is what is asked for, `to` what would be stored.',
    ),
  defaults: z.int().optional().describe('How many fields Kubernetes would fill in with its own defaults.'),
  renamedFrom: z.string().optional().describe('What goes and was the same, but for its name.'),
  renamedTo: z.string().optional().describe('What comes and is the same, but for its name.'),
});
export type ChangeOutput = z.infer<typeof ChangeOutput>;

/** Consent that changes wait for, as a file to commit. */
export const AwaitedOutput = z.strictObject({
  action: z.string().describe('What would be done, e.g. `replace-object`.'),
  target: z.string().describe('What it would be done to, e.g. `Deployment weka/exporter`.'),
  digest: z.string().describe('Over action, target and content: any other change needs another consent.'),
  changes: z.array(z.string()).describe('What would be set free, as `changes` name it.'),
  path: z.string().describe('Where the file may stand, below the folder of the manifests.'),
  file: z.string().describe('Its content; only the reason is left to fill in.'),
});
export type AwaitedOutput = z.infer<typeof AwaitedOutput>;

/** How many of everything. */
export const Summary = z.strictObject({
  create: z.int(),
  update: z.int(),
  replace: z.int(),
  prune: z.int(),
  keep: z.int(),
  refuse: z.int(),
  wait: z.int(),
  run: z.int(),
  errors: z.int(),
  warnings: z.int(),
  ignored: z.int(),
});
export type Summary = z.infer<typeof Summary>;

/** A kind that could not be listed. Nothing is concluded from it. */
export const UnreadOutput = z.strictObject({
  kind: z.string().describe('E.g. `DaemonSet.apps`.'),
  namespace: z.string().optional(),
  why: z.string(),
});
export type UnreadOutput = z.infer<typeof UnreadOutput>;

/** What plan, report and status have in common: what was read, and where. */
export const origin = {
  apiVersion: z.literal('weka-gitops.dev/v1'),
  cluster: z.string(),
  ref: z.string().describe('The ref that the repository is read at, as configured.'),
  commit: z.string().describe('40 hexadecimal digits.'),
  author: z.string(),
  subject: z.string().describe('First line of the commit message.'),
  digest: z.string().describe('Over all changes with their identities and owned fields.'),
  files: z.int().describe('Files read.'),
  documents: z.int().describe('Objects that they describe.'),
  summary: Summary,
  pruneBlocked: z.string().optional().describe('Why nothing is pruned in this pass.'),
  brake: z
    .strictObject({
      state: z
        .enum(['suspended', 'frozen'])
        .describe('Nothing is written, or nothing is deleted, replaced or lost for good.'),
      reason: z.string(),
      by: z.literal('settings').optional().describe('Where it stands, if not in the cluster.'),
    })
    .optional()
    .describe('What a person set up to hold passes back.'),
  unread: z.array(UnreadOutput),
  findings: z.array(FindingOutput),
  drivers: DriversOutput.optional().describe(
    'Drivers, and how far nodes are with them; absent where nobody asks for any.',
  ),
};

const ForecastWrite = z.strictObject({
  op: Operation,
  target: z.string(),
  node: NodeAskedOutput.optional().describe('The node, where the object says what is asked of one.'),
  restarts: z.array(z.string()).describe('Pods that it stops, to be made again or for good.'),
});

const ForecastWait = z.strictObject({ target: z.string(), why: z.string() });

const ForecastPass = z.strictObject({
  stages: z
    .array(z.array(ForecastWrite))
    .describe('Writes of one stage are made at once; a stage begins when the one before it has ended.'),
  waits: z.array(ForecastWait).describe('What is not done in this pass, and why.'),
});
export type ForecastPassOutput = z.infer<typeof ForecastPass>;

/** The whole way from here to where nothing changes any more, if every write succeeds. */
export const ForecastOutput = z.strictObject({
  settled: z
    .boolean()
    .describe('False where more passes follow: no end was in sight, or something is pending.'),
  passes: z.array(ForecastPass),
  left: z.array(ForecastWait).describe('What is not done even then, and needs a person.'),
  pending: z
    .array(ForecastWait)
    .describe('What goes on after that, once what it waits for has come about by itself.'),
  unlocks: z
    .array(z.strictObject({ approval: z.string(), passes: z.array(ForecastPass) }))
    .describe('What each Approval, named by the path of its file, would set free after that.'),
  unlocksLeftOut: z.int().describe('Approvals whose effect was not worked out.'),
});
export type ForecastOutput = z.infer<typeof ForecastOutput>;

/** What `weka-gitops plan --output json` prints. */
export const Plan = z.strictObject({
  ...origin,
  kind: z.literal('Plan'),
  changes: z
    .array(ChangeOutput)
    .describe('All, unchanged objects too, in the order of their being carried out.'),
  approvals: z.array(AwaitedOutput).describe('Consent that changes wait for.'),
  forecast: ForecastOutput.optional().describe('With --forecast.'),
  omitted: z
    .strictObject({ keeps: z.int().describe('Unchanged objects.'), changes: z.int(), findings: z.int() })
    .optional()
    .describe('How many of each are left out, where the plan is too long to be told in full.'),
});
export type Plan = z.infer<typeof Plan>;
