import type {
  ChangeOutput,
  FlagOutput,
  Operation,
  Plan,
  RiskOutput,
  Summary,
} from '../../../schemas/output/plan.ts';
import type { ObjectHealth, Report } from '../../../schemas/output/report.ts';
import type { Made, Status } from '../../../schemas/output/status.ts';
import { RISK_NAMES, type RiskName } from '../../../schemas/risk.ts';
import { countOutcomes } from './json.ts';
import { byNodes } from './node-changes.ts';
import { count, prose, timeWords } from './plain.ts';

/** Told apart without colour. */
export const SYMBOLS = {
  create: '+',
  update: '~',
  replace: '-/+',
  prune: '-',
  keep: '=',
  refuse: '!',
  wait: '…',
  run: '>',
} as const satisfies Record<Operation, string>;

export const FLAG_WORDS = {
  drift: 'drifted',
  conflict: 'another manager sets the same field',
  force: 'taken from another manager by force',
  secret: 'values hidden',
  unproven: 'not proven by a dry run',
} as const satisfies Record<FlagOutput, string>;

/** `It is deleted with its pods (3 pods of Deployment weka/web)`. */
export function riskWords({ reason, evidence }: RiskOutput): string {
  return evidence === undefined ? reason : `${reason} (${evidence})`;
}

/** What is said of a change in a few words beside its name. */
export function noteWords({
  flags,
  risks,
  approvedBy = [],
}: Pick<ChangeOutput, 'flags' | 'risks' | 'approvedBy'>): readonly string[] {
  // Of each Namespace a sentence would hide the one that matters.
  const isWide = risks.some(({ name }) => name === 'cluster-scoped');
  return [
    ...flags.map((flag) => FLAG_WORDS[flag]),
    ...(isWide ? ['concerns the whole cluster'] : []),
    ...(approvedBy.length === 0 ? [] : [`approved by ${approvedBy.join(', ')}`]),
  ];
}

/** The risks of a change that want a sentence. */
export function toldRisks({ risks }: Pick<ChangeOutput, 'risks'>): readonly RiskOutput[] {
  return risks.filter(({ name }) => name !== 'cluster-scoped');
}

/** A risk of a plan, and what shows it. */
export interface RiskGroup {
  readonly name: RiskName;
  /** Changes that have it. */
  readonly changes: number;
  /** `3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once; and 2 more`. */
  readonly words: string;
}

/** What shows a risk, for so many changes; the rest is counted. */
const SHOWN_RISKS = 4;

/** The risks of a plan, the gravest first. */
export function riskGroups({ changes }: Pick<Plan, 'changes'>): readonly RiskGroup[] {
  const told = byNodes(changes);
  return RISK_NAMES.flatMap((name) => {
    const hasIt = ({ risks }: ChangeOutput) => risks.some((risk) => risk.name === name);
    const risky = told.filter(hasIt).flatMap(({ target, risks, node }) =>
      risks
        .filter((risk) => risk.name === name)
        .map(({ evidence }) => {
          if (evidence === undefined) return target;
          return node === undefined || evidence.includes(' on ') ? evidence : `${evidence} on ${target}`;
        }),
    );
    if (risky.length === 0) return [];
    // What is said of all of them at once is said once.
    const shown = [...new Set(risky)];
    const more = shown.length - SHOWN_RISKS;
    const words = [...shown.slice(0, SHOWN_RISKS), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
    return [{ name, changes: changes.filter(hasIt).length, words }];
  });
}

export const STATE_WORDS = {
  current: 'ready',
  progressing: 'in progress',
  failed: 'failed',
  missing: 'missing',
} as const satisfies Record<ObjectHealth['state'], string>;

/** `main@1a2b3c4`. */
export function whereOf({ ref, commit }: { readonly ref: string; readonly commit: string }): string {
  return `${prose(ref, 200)}@${shortSha(commit)}`;
}

function shortSha(commit: string): string {
  return prose(commit.slice(0, 7));
}

/** `Pass over production at main@1a2b3c4 (1.2 s)`. */
export function passWords(report: Report): string {
  const tookMs = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  return `Pass over ${prose(report.cluster, 200)} at ${whereOf(report)} (${(tookMs / 1000).toFixed(1)} s)`;
}

/** `production is as main@1a2b3c4 says`, or what is not. */
export function statusWords(status: Status): string {
  const cluster = prose(status.cluster, 200);
  if (status.clean) return `${cluster} is as ${whereOf(status)} says`;
  return `${cluster} is not as ${whereOf(status)} says: ${obstacleWords(status)}`;
}

/** `3 to create, 1 to change, 12 unchanged; 1 refused; 2 errors`. */
export function plannedWords(summary: Summary): string {
  const { keep, refuse, wait } = summary;
  return joined([
    [toDoWords(summary) || 'nothing to change', listed([[keep, 'unchanged']])].filter(Boolean).join(', '),
    listed([
      [refuse, 'refused'],
      [wait, 'waiting'],
    ]),
    findingWords(summary),
  ]);
}

function toDoWords({ create, update, replace, prune, run }: Summary): string {
  return listed([
    [create, 'to create'],
    [update, 'to change'],
    [replace, 'to replace'],
    [prune, 'to prune'],
    [run, 'to run'],
  ]);
}

/** `3 created, 1 changed, 12 unchanged; 1 failed; 2 errors`. */
export function reportWords({ outcomes, summary }: Pick<Report, 'outcomes' | 'summary'>): string {
  const unchanged = summary.keep + outcomes.filter(({ result }) => result === 'unchanged').length;
  const made = countOutcomes(outcomes);
  return joined([
    [madeWords(made) || 'nothing changed', listed([[unchanged, 'unchanged']])].filter(Boolean).join(', '),
    troubleWords(made, summary),
    findingWords(summary),
  ]);
}

/** A pass in few words: `3 created, 1 changed; 1 failed; 2 errors`. */
export function newsWords({ outcomes, summary }: Pick<Report, 'outcomes' | 'summary'>): string {
  const made = countOutcomes(outcomes);
  return joined([madeWords(made) || 'nothing changed', troubleWords(made, summary), findingWords(summary)]);
}

/** What a pass changed: `3 created, 1 pruned`; empty where it changed nothing. */
export function madeWords({ created, changed, replaced, pruned }: Made): string {
  return listed([
    [created, 'created'],
    [changed, 'changed'],
    [replaced, 'replaced'],
    [pruned, 'pruned'],
  ]);
}

/** What a pass could not do: `1 failed, 2 held back, 1 refused`. */
export function troubleWords(
  { failed, held }: Made,
  { refuse, wait }: Pick<Summary, 'refuse' | 'wait'> = { refuse: 0, wait: 0 },
): string {
  return listed([
    [failed, 'failed'],
    [held, 'held back'],
    [refuse, 'refused'],
    [wait, 'waiting'],
  ]);
}

/** `14 objects: 12 ready, 1 in progress, 1 failed`. */
export function healthWords(objects: readonly ObjectHealth[]): string {
  if (objects.length === 0) return 'no objects';
  const states = (['failed', 'missing', 'progressing', 'current'] as const).map(
    (state) => [objects.filter((object) => object.state === state).length, STATE_WORDS[state]] as const,
  );
  return `${count(objects.length, 'object')}: ${listed(states)}`;
}

/** `1 error, 2 warnings`; empty where there is none. Ignored fields are told where findings are listed. */
export function findingWords({
  errors,
  warnings,
  ignored,
  silenced = 0,
}: Pick<Summary, 'errors' | 'warnings' | 'ignored'> & { readonly silenced?: number }): string {
  return [
    errors > 0 && count(errors, 'error'),
    warnings > 0 && count(warnings, 'warning'),
    ignored > 0 && count(ignored, 'ignored field'),
    silenced > 0 && `${count(silenced, 'finding')} silenced by annotation`,
  ]
    .filter((words) => words !== false)
    .join(', ');
}

/** What stands in the way of a status being clean, in few words. */
function obstacleWords({ summary, failed, waiting, refused, unread }: Status): string {
  return joined([
    toDoWords(summary),
    listed([
      [failed.length, 'failed'],
      [refused.length, 'refused'],
      [waiting.length, 'waiting'],
      [unread.length, 'unread'],
    ]),
    findingWords(summary),
  ]);
}

/** When the last recorded pass was, and what it did. */
export function lastPassWords({ lastPass }: Status): string {
  if (lastPass === undefined) return 'No pass is recorded yet.';
  const { made, commit, finishedAt } = lastPass;
  const words = [madeWords(made) || 'nothing changed', troubleWords(made)].filter(Boolean).join('; ');
  return `Last recorded pass: ${timeWords(finishedAt)} at ${shortSha(commit)}: ${words}.`;
}

function listed(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([n]) => n > 0)
    .map(([n, words]) => `${n} ${words}`)
    .join(', ');
}

function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join('; ');
}

type BrakeOutput = NonNullable<Plan['brake']>;

/** What a brake does, in few words. */
export function brakeState({ state, by }: BrakeOutput): string {
  return state === 'suspended'
    ? `Suspended${by === undefined ? '' : ' by Settings spec.suspend'}, so nothing is written`
    : 'Frozen, so nothing is deleted, replaced or lost for good';
}

/** `Frozen, so nothing is deleted, replaced or lost for good: the reason`. */
export function brakeWords(brake: BrakeOutput): string {
  return `${brakeState(brake)}: ${prose(brake.reason)}`;
}
