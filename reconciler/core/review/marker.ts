import { z } from 'zod';
import type { Comment } from '../../forge-port.ts';
import { GateState } from './undiverged.ts';

const ID = z.int().min(0);
const Commit = z.string().max(64);
const Digest = z.string().max(100);
const Summary = z.string().max(300);

/** Plans of a pull request that a comment told before the one that it tells now. */
export const EarlierPlan = z.strictObject({ head: Commit, digest: Digest, summary: Summary });
export type EarlierPlan = Readonly<z.infer<typeof EarlierPlan>>;

/** Earlier plans that a comment remembers. */
export const MOST_EARLIER = 10;

const of = {
  v: z.literal(1),
  repository: z.string().max(300).describe('owner/name on the forge.'),
  cluster: z.string().max(200),
};
const Body = z.string().max(100).describe('Of the visible text, without when it was written.');

const PlanMarker = z.strictObject({
  ...of,
  kind: z.literal('plan'),
  head: Commit,
  base: Commit,
  digest: Digest.optional().describe('Of the plan that is told; absent where none could be made.'),
  summary: Summary.describe('What is told, in few words.'),
  body: Body,
  handled: ID.describe('The last comment whose command was answered; 0 where there was none.'),
  gate: GateState.optional().describe('Which plans were shown of the head, and which were looked at.'),
  earlier: z.array(EarlierPlan).max(MOST_EARLIER).readonly(),
});
export type PlanMarker = Readonly<z.infer<typeof PlanMarker>>;

const ClosingMarker = z.strictObject({ ...of, kind: z.literal('closing'), commit: Commit, body: Body });
export type ClosingMarker = Readonly<z.infer<typeof ClosingMarker>>;

const AnswerMarker = z.strictObject({
  ...of,
  kind: z.literal('answer'),
  answers: ID.describe('The comment whose command is answered.'),
});
export type AnswerMarker = Readonly<z.infer<typeof AnswerMarker>>;

/**
 * What the first line of a comment of ours says of it, unseen by readers. Nothing that a comment says is believed for its
 * marker alone: only the account that wrote it tells that it is ours.
 */
export const Marker = z.discriminatedUnion('kind', [PlanMarker, ClosingMarker, AnswerMarker]);
export type Marker = PlanMarker | ClosingMarker | AnswerMarker;

/** Characters of a first line that are looked at. */
const MOST = 20_000;
const LINE = /^<!-- weka-gitops ([A-Za-z0-9_-]{1,19900}) -->$/;

/** The marker of a comment; undefined where it has none, or none that this version understands. */
export function readMarker(text: string): Marker | undefined {
  const [line = ''] = text.slice(0, MOST).split(/\r?\n/, 1);
  const encoded = LINE.exec(line)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return Marker.safeParse(parsed).data;
  } catch {
    return undefined;
  }
}

/** The first line of a comment: HTML that no forge shows, in which nothing can end it early. */
export function writeMarker(marker: Marker): string {
  return `<!-- weka-gitops ${Buffer.from(JSON.stringify(marker)).toString('base64url')} -->`;
}

/** A comment that we wrote. */
export interface OwnComment<Each extends Marker = Marker> {
  readonly comment: Comment;
  readonly marker: Each;
}

/** The comments of one kind that our account wrote for this cluster, oldest first. A marker of anybody else is none. */
export function ownComments<Kind extends Marker['kind']>(
  comments: readonly Comment[],
  ours: {
    readonly self: string;
    readonly repository: string;
    readonly cluster: string;
    readonly kind: Kind;
  },
): OwnComment<Extract<Marker, { kind: Kind }>>[] {
  return comments
    .flatMap((comment) => {
      if (!isSameName(comment.author, ours.self)) return [];
      const marker = readMarker(comment.text);
      if (marker === undefined || !isKind(marker, ours.kind)) return [];
      if (marker.cluster !== ours.cluster || !isSameName(marker.repository, ours.repository)) return [];
      return [{ comment, marker }];
    })
    .toSorted((a, b) => a.comment.id - b.comment.id);
}

function isKind<Kind extends Marker['kind']>(
  marker: Marker,
  kind: Kind,
): marker is Extract<Marker, { kind: Kind }> {
  return marker.kind === kind;
}

/** Forges tell names apart by more than their case. */
function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The earlier plans that a comment remembers which takes the place of the one with `before`. */
export function earlierPlans(
  before: PlanMarker | undefined,
  now: { readonly head: string; readonly digest?: string | undefined },
): readonly EarlierPlan[] {
  if (before === undefined) return [];
  const { head, digest, summary, earlier } = before;
  const all = digest === undefined ? earlier : [{ head, digest, summary }, ...earlier];
  const seen = new Set([`${now.head} ${now.digest ?? ''}`]);
  return all
    .filter((plan) => {
      const key = `${plan.head} ${plan.digest}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, MOST_EARLIER);
}
