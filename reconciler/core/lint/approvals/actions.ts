import { DRIVER_ACTIONS, OBJECT_ACTIONS, PRUNE_BUDGET } from '../../plan/approvals/request.ts';
import { SPEC_KINDS } from '../../../../schemas/spec.ts';
import { WekaManualOperation } from '../../../../schemas/weka-manual-operation.ts';

/** Kinds of the vendor's, whose identity is the UID of an anchor. */
export const VENDOR_KINDS: readonly string[] = SPEC_KINDS.filter(({ apiVersion }) =>
  apiVersion.startsWith('weka.weka.io/'),
).map(({ kind }) => kind);

/** What an Approval can consent to: the end of a cluster, what is dangerous to an object, more deletions than the budget, and operations that cost data. */
export const ACTIONS: readonly string[] = [
  'destroy-cluster',
  ...OBJECT_ACTIONS,
  PRUNE_BUDGET,
  ...DRIVER_ACTIONS,
  ...WekaManualOperation.shape.spec.shape.action.options.filter((action) => action !== 'discover-drives'),
];

/** Actions whose target is drives, each by its id. */
export const DRIVE_ACTIONS: ReadonlySet<string> = new Set([
  'sign-drives',
  'force-resign-drives',
  'block-drives',
  'unblock-drives',
]);
