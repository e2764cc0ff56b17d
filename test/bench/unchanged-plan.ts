/** Plans 10,000 objects that are as they are asked for, once, as a command does, and prints the CPU that this takes. */
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import { type PassConfig, prepare } from '../../reconciler/assess.ts';
import { applySetId } from '../../reconciler/core/desired/ownership.ts';
import { ApprovalBook } from '../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../reconciler/core/plan/approvals/rules.ts';
import { decide } from '../../reconciler/core/plan/decide.ts';
import { FIELD_MANAGER } from '../../reconciler/core/plan/managed-fields.ts';
import type { CommitSha } from '../../reconciler/ports.ts';
import { stored } from '../support/objects.ts';
import { applicationFiles, FILE_OBJECTS } from './manifests.ts';

const FILES = 1_000;
const COUNT = FILES * FILE_OBJECTS;

const config: PassConfig = {
  cluster: 'bench',
  ref: 'main',
  installation: { name: 'bench', namespace: 'bench-system', image: 'registry.example.com/weka-gitops:1' },
  ceilings: { kinds: [] },
  version: '0',
};
const { built } = prepare(
  {
    commit: '0'.repeat(40) as CommitSha,
    author: 'bench',
    subject: 'bench',
    files: Object.entries(applicationFiles('applications', FILES)).map(([path, text]) => ({
      path,
      content: Buffer.from(text),
    })),
    findings: [],
  },
  config,
);
const by = { manager: FIELD_MANAGER, operation: 'Apply' } as const;
const live = new Map(built.objects.map(({ id, object }) => [id, stored(object, by)]));
const { spec } = DEFAULT_SETTINGS;
const { name, namespace } = config.installation;

const before = process.cpuUsage();
const { changes } = decide({
  desired: built.objects,
  live,
  unread: [],
  broken: built.broken,
  settings: spec,
  applySet: applySetId(config.installation),
  prune: { settings: spec.prune, alreadyPruned: 0 },
  book: new ApprovalBook([], {
    rules: approvalRules(spec.approvals),
    uses: [],
    now: new Date('2026-01-01T00:00:00Z'),
    cluster: config.cluster,
  }),
  set: targetOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }),
  author: 'bench',
  brake: undefined,
});
const { user, system } = process.cpuUsage(before);
// What sees fewer objects, or a change, measures something else.
const kept = changes.filter(({ op }) => op === 'keep').length;
if (kept !== COUNT || changes.length !== COUNT)
  throw new Error(`Of ${changes.length} objects ${kept} are unchanged instead of ${COUNT}.`);
process.stdout.write(JSON.stringify((user + system) / 1e6));
