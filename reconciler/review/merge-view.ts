import type { Pass } from '../assess.ts';
import { pruneBlock } from '../core/plan/prune-block.ts';
import type { DesiredObject } from '../core/desired/desired.ts';
import { type ObjectId, parseObjectId } from '../core/kube/object.ts';
import { decide, type DecideInput } from '../core/plan/decide.ts';
import { isSecret } from '../core/report/redact.ts';
import { forkAssessment } from '../core/review/fork-view.ts';
import { refersToSecret } from '../core/review/secret-names.ts';
import type { Remarks, Suspended } from '../core/review/told.ts';
import type { Unread } from '../ports.ts';
import { type Planned, sameObjects } from './base-and-merge.ts';
import { hiddenPart, type MergeSources } from './hidden-part.ts';

/** Both plans as they are held against each other, and what has to be said of that. */
export interface MergeView {
  readonly base: Planned;
  readonly merge: Planned;
  readonly remarks: Remarks;
}

/**
 * Both plans without what a reviewer is not to see, or what the planner may not; and as if no pass were suspended, so
 * that they show what is asked for.
 */
export function mergeView(base: Planned, merge: Planned, sources: MergeSources): MergeView {
  const suspended = suspension(base, merge, sources.isFork);
  const gaps = [base, merge].flatMap(({ pass }) => pass.live.unread.filter(isForbiddenSecret));
  const isUnread = (id: ObjectId) => isSecret(id) && gaps.some((gap) => isWithin(id, gap));
  const forbidden = new Set(gaps.map(placeOf));
  const view = ({ pass, specs }: Planned, isBraked: boolean): Planned => {
    const free = isBraked ? pass : withoutBrake(pass);
    const readable = gaps.length === 0 ? free : withoutUnread(free, isUnread, forbidden);
    return { specs, pass: sources.isFork ? withoutSecrets(readable) : readable };
  };
  return {
    // What a merge lets loose is brought by it.
    base: view(base, suspended?.isLifted === true),
    merge: view(merge, false),
    remarks: {
      ...(suspended === undefined ? {} : { suspended }),
      ...(gaps.length === 0
        ? {}
        : {
            uncompared: {
              namespaces: gaps.some(({ namespace }) => namespace === undefined)
                ? []
                : [...new Set(gaps.flatMap(({ namespace }) => namespace ?? []))].toSorted(),
              changed: changedAmong(base, merge, isUnread),
            },
          }),
      ...(sources.isFork ? { hidden: hiddenPart(base, merge, sources) } : {}),
    },
  };
}

/** Whether some of what a pull request changes is not in the view of it. */
export function isAnythingUnseen({ hidden, uncompared }: Remarks): boolean {
  return hidden?.isChanged === true || (hidden?.errors ?? 0) > 0 || (uncompared?.changed ?? []).length > 0;
}

function suspension(base: Planned, merge: Planned, isFork: boolean): Suspended | undefined {
  const { brake } = base.pass.input;
  if (brake?.state !== 'suspended') return undefined;
  const { ownSettings } = merge.specs.specs;
  const isLifted =
    brake.by === 'settings' && ownSettings.doubt === undefined && ownSettings.spec.suspend === undefined;
  const isTold = !isFork || !refersToSecret(brake.reason);
  return { reason: isTold ? brake.reason : 'its reason is not shown to forks', isLifted };
}

function withoutBrake(pass: Pass): Pass {
  const { input, assessment } = pass;
  if (input.brake?.state !== 'suspended') return pass;
  const { brake: _on, ...rest } = assessment;
  return decidedAnew({ ...pass, assessment: rest }, { ...input, brake: undefined });
}

/** The pass as if there were none of the objects that could not be read. */
function withoutUnread(
  pass: Pass,
  isUnread: (id: ObjectId) => boolean,
  forbidden: ReadonlySet<string>,
): Pass {
  const { input, assessment, desired } = pass;
  const isLeft = (gap: Gap) => !forbidden.has(placeOf(gap));
  const unread = input.unread.filter(isLeft);
  const { blocked, ...prune } = input.prune;
  const live = new Map([...input.live].filter(([id]) => !isUnread(id)));
  // The gap that is left out here blocks nothing.
  const blocks =
    blocked?.startsWith('Secret objects could not be listed') === true
      ? pruneBlock(0, { objects: live, unread: assessment.unread.filter(isLeft) }, desired.length === 0)
      : blocked;
  const without: DecideInput = {
    ...input,
    desired: input.desired.filter(({ id }) => !isUnread(id)),
    live,
    unread,
    broken: new Map([...input.broken].filter(([id]) => !isUnread(id))),
    prune: { ...prune, ...(blocks === undefined ? {} : { blocked: blocks }) },
  };
  return decidedAnew(
    { ...pass, assessment: { ...assessment, unread: assessment.unread.filter(isLeft) } },
    without,
  );
}

function decidedAnew(pass: Pass, input: DecideInput): Pass {
  const { findings: _consent, ...decision } = decide(input);
  const { pruneBlocked: _before, ...rest } = pass.assessment;
  return { ...pass, input, assessment: { ...rest, ...decision } };
}

/** The pass as if there were no Secrets, neither in the cluster nor in manifests. */
function withoutSecrets(pass: Pass): Pass {
  // What stands encrypted was not opened, so it differs from what it was only for that.
  const desired = pass.desired.filter(({ id, sealed }) => !isSecret(id) && sealed === undefined);
  const { assessment, input } = forkAssessment(pass.assessment, pass.input);
  const findings = assessment.findings.filter(({ rule }) => rule !== 'not-decrypted');
  return { ...pass, input, desired, assessment: { ...assessment, findings } };
}

function changedAmong(
  base: Planned,
  merge: Planned,
  isUnread: (id: ObjectId) => boolean,
): readonly ObjectId[] {
  const of = ({ pass }: Planned) =>
    new Map(pass.desired.filter(({ id }) => isUnread(id)).map((each) => [each.id, each]));
  const [before, after] = [of(base), of(merge)];
  const alone = (each: DesiredObject | undefined) => (each === undefined ? [] : [each]);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((id) => !sameObjects(alone(before.get(id)), alone(after.get(id))))
    .toSorted();
}

type Gap = Pick<Unread, 'kind' | 'namespace'>;

function placeOf({ kind, namespace }: Gap): string {
  return `${kind} ${namespace ?? ''}`;
}

function isForbiddenSecret({ kind, code }: Unread): boolean {
  return kind === 'Secret' && code === 'API_FORBIDDEN';
}

function isWithin(id: ObjectId, { namespace }: Gap): boolean {
  return namespace === undefined || parseObjectId(id).namespace === namespace;
}
