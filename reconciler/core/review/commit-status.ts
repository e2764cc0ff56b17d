import type { Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { CommitStatus } from '../../forge-port.ts';
import { count } from '../report/plain.ts';
import { healthWords, newsWords, plannedWords, riskGroups } from '../report/words.ts';
import { waitsFor } from './plan-comment.ts';
import { shownError } from './shown-error.ts';
import { shortTarget, statusSentence } from './sentence.ts';
import type { Hidden, Told, ToldError } from './told.ts';
import { movedWords } from './undiverged.ts';

/** Of which cluster a commit status is, and where more is told. */
export interface StatusPlace {
  readonly cluster: string;
  readonly url?: string | undefined;
}

/** What became of a commit on the branch: a pass over it has begun, has ended, or could not be made. */
export type AppliedNews =
  | { readonly news: 'applying' }
  /** `approvals`: how many of them are waited for. */
  | { readonly news: 'report'; readonly report: Report; readonly approvals: number }
  | { readonly news: 'error'; readonly error: ToldError };

/** What a status says, without where it is shown. */
export type Verdict = Pick<CommitStatus, 'state' | 'description'>;

/** The name of our statuses among those of a commit. */
export function statusContext(cluster: string): string {
  return `weka-gitops/${cluster}`;
}

/** The status of a pull request's head; `planning` while its first plan is made. */
export function headStatus(told: Told | 'planning', place: StatusPlace): CommitStatus {
  return status(
    told === 'planning' ? says('pending', 'The plan is being made') : headVerdict(told, place),
    place,
  );
}

/** The status of a commit that is carried out. */
export function appliedStatus(news: AppliedNews, place: StatusPlace): CommitStatus {
  return status(appliedVerdict(news), place);
}

/** The status of a head that something was said of before, and that could not be planned as things are now. */
export function unplannedStatus({ code }: Pick<ToldError, 'code'>, place: StatusPlace): CommitStatus {
  return status(
    says('pending', `It could not be planned as things are now, and is tried again: ${code}`),
    place,
  );
}

/** The status of a head whose plan could not be written where people look for it. */
export function unshownStatus({ code }: Pick<ToldError, 'code'>, place: StatusPlace): CommitStatus {
  return status(says('pending', `Its plan could not be written here, and is tried again: ${code}`), place);
}

/** Whether a forge shows the one already where it shows the other. */
export function isSameStatus(a: CommitStatus | undefined, b: CommitStatus): boolean {
  return (
    a !== undefined &&
    a.state === b.state &&
    a.description === b.description &&
    (a.url ?? '') === (b.url ?? '')
  );
}

function status({ state, description }: Verdict, { cluster, url }: StatusPlace): CommitStatus {
  return {
    context: statusContext(cluster),
    state,
    description: statusSentence(description),
    ...(url === undefined ? {} : { url }),
  };
}

function headVerdict(told: Told, { cluster }: StatusPlace): Verdict {
  switch (told.result) {
    case 'planned': {
      const { plan, gate } = told;
      const { hidden } = told.remarks ?? {};
      const trouble = planTrouble(plan) ?? hiddenErrorWords(hidden);
      if (trouble !== undefined) return says('failure', trouble);
      if (gate.is === 'moved') {
        return says('pending', `The plan changed after it was shown (${movedWords(gate)}): look again`);
      }
      if (hidden?.isChanged === true) return says('pending', HIDDEN_CHANGES);
      const [approval] = plan.approvals;
      if (approval !== undefined) {
        const words = waitsFor(plan).replace(/^w/, 'W');
        return says('pending', `${words}: ${approval.action} of ${approval.target}`);
      }
      const [gravest] = riskGroups(plan);
      const risk = gravest === undefined ? '' : `; gravest risk: ${gravest.name}`;
      return says('success', `${plannedWords(plan.summary)}${risk}${besides(told)}`);
    }
    case 'nothing':
      return says('success', `${nothingWords(cluster)}${besides(told)}`);
    case 'conflict': {
      const [file] = told.files;
      return says('failure', `It cannot be merged${file === undefined ? '' : `: both sides change ${file}`}`);
    }
    case 'failed': {
      const { code, message } = shownError(told.error);
      return says('error', `${code}: ${message}`);
    }
  }
}

/** What a status says of a head that changes nothing. */
function nothingWords(cluster: string): string {
  return `Nothing here changes ${cluster}`;
}

/** Whether a status says of a head that it changes nothing. */
export function saysNothing({ state, description }: CommitStatus, { cluster }: StatusPlace): boolean {
  return state === 'success' && description.startsWith(statusSentence(nothingWords(cluster)));
}

/** What whoever merges should know besides, and can see to. */
function besides({
  unaccepted,
  remarks,
}: Pick<Extract<Told, { result: 'planned' }>, 'unaccepted' | 'remarks'>): string {
  return [
    ...(unaccepted === undefined ? [] : [`the head would not be applied as it is (${unaccepted.code})`]),
    ...((remarks?.uncompared?.changed ?? []).length === 0 ? [] : ['Secrets could not be compared']),
    ...(remarks?.suspended === undefined || remarks.suspended.isLifted ? [] : ['every pass is suspended']),
  ]
    .map((words) => `; ${words}`)
    .join('');
}

const HIDDEN_CHANGES = 'It changes what is not shown to forks: look at the files';

function hiddenErrorWords(hidden: Hidden | undefined): string | undefined {
  if (hidden === undefined || hidden.errors === 0) return undefined;
  return `${count(hidden.errors, 'error')} that ${hidden.errors === 1 ? 'is' : 'are'} not shown to forks: look at the files`;
}

/** The first thing that keeps a plan from being what the pull request asks for. */
function planTrouble({ summary, changes, findings, unread }: Plan): string | undefined {
  return errorWords(summary.errors, findings) ?? refusalWords(summary.refuse, changes) ?? unreadWords(unread);
}

/** What became of a commit. What needs somebody comes before what needs time. */
export function appliedVerdict(news: AppliedNews): Verdict {
  if (news.news === 'applying') return says('pending', 'It is being applied');
  if (news.news === 'error') {
    const { code, message } = shownError(news.error);
    return says('error', `${code}: ${message}`);
  }
  const { report, approvals } = news;
  const { summary, findings, changes, outcomes, objects, unread, brake } = report;
  const failure =
    outcomeWords(outcomes) ??
    errorWords(summary.errors, findings) ??
    refusalWords(summary.refuse, changes) ??
    failedHealthWords(objects) ??
    approvalWords(approvals, changes);
  if (failure !== undefined) return says('failure', failure);
  const words =
    (brake === undefined
      ? undefined
      : `${brake.state === 'suspended' ? 'Suspended' : 'Frozen'}: ${brake.reason}`) ??
    unreadWords(unread) ??
    progressWords(objects) ??
    (report.clean ? undefined : (waitWords(changes) ?? 'Not all of it is applied yet'));
  if (words !== undefined) return says('pending', words);
  return says('success', `${newsWords(report)}; ${healthWords(objects)}`);
}

function says(state: Verdict['state'], description: string): Verdict {
  return { state, description };
}

function errorWords(errors: number, findings: Report['findings']): string | undefined {
  if (errors === 0) return undefined;
  const first = findings.find(({ level }) => level === 'error');
  const where = first === undefined ? '' : `: ${first.file}:${first.line}: ${first.message}`;
  return `${count(errors, 'error')}${where}`;
}

function refusalWords(refusals: number, changes: Report['changes']): string | undefined {
  if (refusals === 0) return undefined;
  const first = changes.find(({ op }) => op === 'refuse');
  return `${refusals} refused${first === undefined ? '' : `: ${reasonWords(first)}`}`;
}

function outcomeWords(outcomes: Report['outcomes']): string | undefined {
  const failed = outcomes.filter(({ result }) => result === 'failed');
  const [first] = failed;
  if (first !== undefined) return `${failed.length} failed: ${shortTarget(first.target)}: ${first.why ?? ''}`;
  const [held] = outcomes.filter(({ result }) => result === 'held');
  return held === undefined ? undefined : `Held back: ${shortTarget(held.target)}: ${held.why ?? ''}`;
}

function failedHealthWords(objects: Report['objects']): string | undefined {
  const failed = objects.filter(({ state }) => state === 'failed');
  const [first] = failed;
  return first === undefined
    ? undefined
    : `${failed.length} failed: ${shortTarget(first.target)}: ${first.message}`;
}

function approvalWords(approvals: number, changes: Report['changes']): string | undefined {
  if (approvals === 0) return undefined;
  const first = changes.find(({ op, reason }) => op === 'wait' && reason?.includes('Approval') === true);
  return `Waits for ${count(approvals, 'Approval')}${first === undefined ? '' : `: ${shortTarget(first.target)}`}`;
}

function unreadWords(unread: Report['unread']): string | undefined {
  const [first] = unread;
  return first === undefined ? undefined : `${first.kind} objects could not be listed: ${first.why}`;
}

function progressWords(objects: Report['objects']): string | undefined {
  const moving = objects.filter(({ state }) => state === 'progressing' || state === 'missing');
  const [first] = moving;
  if (first === undefined) return undefined;
  return `${moving.length} of ${count(objects.length, 'object')} not ready: ${shortTarget(first.target)}: ${first.message}`;
}

function waitWords(changes: Report['changes']): string | undefined {
  const waiting = changes.filter(({ op }) => op === 'wait');
  const [first] = waiting;
  return first === undefined ? undefined : `${waiting.length} waiting: ${reasonWords(first)}`;
}

function reasonWords({ target, reason = '' }: Report['changes'][number]): string {
  return `${shortTarget(target)}: ${reason}`;
}
