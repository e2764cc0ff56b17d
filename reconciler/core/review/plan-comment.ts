import type { Plan } from '../../../schemas/output/plan.ts';
import type { CommitSha } from '../../ports.ts';
import { canonicalJson } from '../kube/hash.ts';
import { planBlocks, readWords } from '../report/markdown.ts';
import { guardSection, riskSection } from '../report/markdown-sections.ts';
import { code, folded, inline } from '../report/markdown-text.ts';
import type { Room } from '../report/markdown-room.ts';
import { afterPlan } from '../report/next-steps.ts';
import { clip, count, timeWords } from '../report/plain.ts';
import { plannedWords, riskGroups } from '../report/words.ts';
import { alsoWithoutSection } from './also-without.ts';
import { type EarlierPlan, earlierPlans, type PlanMarker } from './marker.ts';
import { commitLink, writtenPage } from './page.ts';
import { remarksSection, unacceptedSection } from './remarks-section.ts';
import { settingsSection } from './settings-section.ts';
import { shownError } from './shown-error.ts';
import type { Frame, Told, WrittenComment } from './told.ts';
import { movedWords } from './undiverged.ts';

type Planned = Extract<Told, { result: 'planned' }>;

/** Files of a conflict that are named. */
const FILES = 50;
/** Characters of a summary that a marker keeps. */
const SUMMARY = 200;
/** One earlier plan is remembered for so many characters that a comment may have. */
const EARLIER_PLAN = 4000;
/** `sha256:` and digits enough to tell plans apart. */
const SHORT_DIGEST = 19;

/**
 * The one comment on a pull request that says what it would do. Undefined where there is nothing to say and nothing was
 * said before.
 */
export function planComment(told: Told, frame: Frame): WrittenComment<PlanMarker> | undefined {
  const { repository, cluster, head, base, before, at, limit, handled, state = before?.gate } = frame;
  if (told.result === 'nothing' && before === undefined) return undefined;
  const digest = told.result === 'planned' ? told.plan.digest : undefined;
  const earlier = earlierPlans(before, { head, digest }).slice(0, Math.floor(limit / EARLIER_PLAN));
  const forecast = told.result === 'planned' && told.plan.forecast !== undefined ? ' --forecast' : '';
  const blocks = told.result === 'planned' ? planned(told, frame) : () => unplanned(told, frame);
  return writtenPage<PlanMarker>(
    {
      v: 1,
      repository,
      cluster,
      kind: 'plan',
      head,
      base,
      ...(digest === undefined ? {} : { digest }),
      summary: clip(summaryOf(told), SUMMARY),
      handled,
      ...(state === undefined ? {} : { gate: state }),
      earlier,
    },
    function* (room) {
      yield* blocks(room);
      yield earlierSection(earlier, frame);
      yield footer(told, frame);
    },
    { limit, verb: `weka-gitops plan --worktree .${forecast}`, passing: { at, base } },
  );
}

/** Whether a comment with the one marker says what that with the other would; then nothing needs to be written. */
export function isSameComment(a: PlanMarker, b: PlanMarker): boolean {
  return canonicalJson(lasting(a)) === canonicalJson(lasting(b));
}

/** A base that moved without changing the plan is no news. */
function lasting({ base: _base, gate, ...marker }: PlanMarker): unknown {
  if (gate === undefined) return marker;
  const { base: _shownBase, reviewedBase: _reviewedBase, ...rest } = gate;
  return { ...marker, gate: rest };
}

function planned(
  told: Planned,
  { cluster, pages, head, base, isFork }: Frame,
): (room: Room) => Iterable<string> {
  const { gate, files, folder, alsoWithout } = told;
  const plan = inRepository(told.plan, folder);
  const changed = new Set(files);
  const blocks = planBlocks(plan, {
    // What the pull request leaves alone stands in the merge as it does in the base.
    line: (file, line) => pages.line(changed.has(file) ? head : base, file, line),
    command: ({ digest }) => `/weka-gitops approve ${digest} --cluster ${cluster}`,
  });
  return function* (room) {
    yield `### Plan for ${inline(cluster, 200)}`;
    yield `**${inline(summaryOf(told))}**`;
    yield gate.is === 'moved'
      ? `**The plan changed after it was shown: ${movedWords(gate)}.** Look again; then approve the pull request, or comment ${code('/weka-gitops plan')}.`
      : '';
    yield remarksSection(told, isFork);
    yield settingsSection(told.settingsChanges, isFork);
    yield riskSection(plan);
    yield guardSection(plan);
    yield* blocks(room);
    yield inline(afterPlan(plan, { by: 'the merge', where: 'the merge' }));
    yield alsoWithout === undefined ? '' : alsoWithoutSection(alsoWithout, room);
  };
}

/** The plan with files to commit by their paths in the repository, and not below `folder` of it. */
function inRepository(plan: Plan, folder: string): Plan {
  const root = folder.replace(/^(\.?\/)+|\/+$/g, '');
  if (root === '' || root === '.') return plan;
  const { approvals, forecast } = plan;
  return {
    ...plan,
    approvals: approvals.map((approval) => ({ ...approval, path: `${root}/${approval.path}` })),
    ...(forecast !== undefined && {
      forecast: {
        ...forecast,
        unlocks: forecast.unlocks.map((each) => ({ ...each, approval: `${root}/${each.approval}` })),
      },
    }),
  };
}

function* unplanned(told: Exclude<Told, Planned>, { cluster }: Frame): Iterable<string> {
  const name = inline(cluster, 200);
  switch (told.result) {
    case 'nothing':
      yield `### Plan for ${name}`;
      yield `**Nothing here changes ${name} any more**`;
      yield unacceptedSection(told.unaccepted);
      return;
    case 'conflict':
      yield `### No plan for ${name}`;
      yield '**It cannot be merged: a person has to bring both sides together first**';
      yield [
        ...told.files.slice(0, FILES).map((file) => `- ${code(file)}`),
        ...(told.files.length > FILES ? [`- … and ${told.files.length - FILES} more`] : []),
      ].join('\n');
      return;
    case 'failed': {
      const { message, hint } = shownError(told.error);
      yield `### No plan for ${name}`;
      yield '**It could not be planned**';
      yield `${code(told.error.code, 100)}: ${inline(message)}`;
      yield hint === undefined ? '' : `Hint: ${inline(hint)}`;
    }
  }
}

/** `3 to create; data-loss; waits for 1 Approval`. */
function summaryOf(told: Told): string {
  switch (told.result) {
    case 'planned': {
      const { plan } = told;
      const waits = waitsFor(plan);
      return [plannedWords(plan.summary), topRisk(plan), waits].filter(Boolean).join('; ');
    }
    case 'nothing':
      return 'nothing changes any more';
    case 'conflict':
      return 'it could not be merged';
    case 'failed':
      return 'it could not be planned';
  }
}

/** `gravest risk: data-loss`. */
function topRisk(plan: Plan): string {
  const [gravest] = riskGroups(plan);
  return gravest === undefined ? '' : `gravest risk: ${gravest.name}`;
}

/** `waits for 2 Approvals`. */
export function waitsFor({ approvals }: Pick<Plan, 'approvals'>): string {
  if (approvals.length === 0) return '';
  return `waits for ${approvals.length === 1 ? 'an Approval' : `${approvals.length} Approvals`}`;
}

function earlierSection(earlier: readonly EarlierPlan[], { pages }: Frame): string {
  if (earlier.length === 0) return '';
  const lines = earlier.map(
    ({ head, digest, summary }) =>
      `- ${commitLink(head as CommitSha, pages)}: ${inline(summary)} ${code(digest.slice(0, SHORT_DIGEST))}`,
  );
  return folded(count(earlier.length, 'earlier plan'), lines.join('\n'));
}

function footer(told: Told, { head, base, pages, at }: Frame): string {
  const when = `${commitLink(head, pages)} merged into ${commitLink(base, pages)}, ${timeWords(at.toISOString())}.`;
  if (told.result !== 'planned') return when;
  return `${when} ${readWords(told.plan)} Plan ${code(told.plan.digest, 100)}.`;
}
