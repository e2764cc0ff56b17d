import { canonicalJson, sha256Hex } from '../core/kube/hash.ts';
import type { PullRequest } from '../forge-port.ts';
import type { CommitSha } from '../ports.ts';
import type { PlanResult } from './planner.ts';
import type { Said } from './publisher.ts';

/** A plan that is told in whole, and of what it was. */
export interface ToldPlan {
  /** When the page of the pull request changed last, as far as was known then. */
  readonly updatedAt: number;
  readonly head: CommitSha;
  /** Hash of all that is told of it. */
  readonly words: string;
  /** When the first consent runs out that it counts on. */
  readonly consentEnds: Date | undefined;
  /** Steady milliseconds. */
  readonly at: number;
}

/** What is not watched, such as nodes, is looked at so often. */
const PLAN_AGAIN_MS = 600_000;
/** A timer may be early by the clock on the wall. */
const EXPIRY_MS = 1_000;
/** For so long it is taken to stand on the page as it was told. */
const HOLDS_MS = 3_600_000;
/** What Approvals that are proposed end at, which is later each time. */
const PROPOSED_TIME = /(expires: \d{4}-\d\d-\d\d)T[\d:.]+Z/g;

/** What was told; undefined where its gate waits for people, who may look at any time. */
export function toldPlan(
  { head, updatedAt }: PullRequest,
  result: PlanResult,
  { state }: Pick<Said, 'state'>,
  now: number,
): ToldPlan | undefined {
  if (state !== undefined && state.reviewed !== state.digest) return undefined;
  return {
    updatedAt: updatedAt.getTime(),
    head: head.commit,
    words: wordsOf(result),
    consentEnds: result.result === 'planned' ? result.consentEnds[0] : undefined,
    at: now,
  };
}

/** Hash of all that is told of a plan, whatever the tip of its base is. */
export function wordsOf(result: PlanResult): string {
  const { base: _base, ...words } = result;
  return sha256Hex(canonicalJson(words).replace(PROPOSED_TIME, '$1'));
}

/** Whether the page has not changed since, as far as the forge says. */
export function isSamePage({ head, updatedAt }: ToldPlan, pullRequest: PullRequest): boolean {
  return pullRequest.head.commit === head && pullRequest.updatedAt.getTime() === updatedAt;
}

/** Whether it was last seen to stand there so long ago that somebody may have changed it and the forge not have told. */
export function isOld({ at }: ToldPlan, now: number): boolean {
  return now - at >= HOLDS_MS;
}

/** In how long the next plan is due, though nothing is heard to move. */
export function planAgainMs(told: ToldPlan | undefined, now: Date): number {
  if (told?.consentEnds === undefined) return PLAN_AGAIN_MS;
  const leftMs = told.consentEnds.getTime() - now.getTime();
  return Math.min(PLAN_AGAIN_MS, Math.max(0, leftMs) + EXPIRY_MS);
}
