import type { Notification } from '../../schemas/output/notification.ts';
import { type CommitEnd, commitEnd } from '../core/report/commit-end.ts';
import { reportNotification, unreadNotification } from '../core/notify/notification.ts';
import { ReconcilerError } from '../errors.ts';
import { didSomething, recordedStatus } from '../core/report/status-page.ts';
import type { Report } from '../core/report/report.ts';
import type { Duty } from './duty.ts';
import { abortOf } from './ending.ts';
import type { Halt } from './followed-ref.ts';
import { COMMIT_UNREAD } from './halt-finding.ts';
import { Post } from './post.ts';
import { statusAddress } from './status-address.ts';
import { withDone } from './with-done.ts';

/** What was recorded later than that before a process began may not have been told any more by the one before it. */
const UNTOLD_MS = 2 * 60_000;

/** Tells receivers to which ends commits come. No pass waits for them, and none of them for another. */
export class Notifying {
  readonly #frame: { readonly cluster: string; readonly ref: string; readonly url: string | undefined };
  readonly #duty: Duty;
  readonly #posts: readonly Post[];
  #report: Report | undefined;
  #halt: Halt | undefined;

  constructor(duty: Duty, { cluster, ref }: { readonly cluster: string; readonly ref: string }) {
    this.#duty = duty;
    this.#frame = { cluster, ref, url: statusAddress(duty) };
    this.#posts = (duty.receivers ?? []).map(
      (receiver) => new Post(receiver, duty, (end, recovered) => this.#notification(end, recovered)),
    );
  }

  /** To be told of each pass that is news. */
  offer(report: Report): void {
    if (this.#posts.length === 0) return;
    const isFirst = this.#report === undefined;
    this.#report = this.#report?.commit === report.commit ? withDone(this.#report, report) : report;
    this.#look(isFirst && !didSomething(report));
  }

  /** To be told after each pass: a commit that is wanted and cannot be read, or that there is none. */
  halted(halt: Halt | undefined): void {
    if (halt?.commit === this.#halt?.commit && halt?.error.code === this.#halt?.error.code) return;
    this.#halt = halt;
    this.#look(false);
  }

  /** `signal` ends a message that is on its way. */
  async run(tenure: AbortSignal, signal: AbortSignal): Promise<never> {
    await Promise.all([
      abortOf(tenure),
      this.#recall(),
      ...this.#posts.map((post) => post.run(tenure, signal)),
    ]);
    throw tenure.reason;
  }

  /** Sends what is due, once. */
  async finish(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#posts.map((post) => post.finish(signal)));
  }

  /** Takes what the status branch says for told, so that a process that begins anew does not tell a failure again. */
  async #recall(): Promise<void> {
    const { statusBranch, clock, log } = this.#duty;
    if (statusBranch === undefined || this.#posts.length === 0) return;
    const beganAt = clock.now().getTime();
    try {
      const recorded = recordedStatus((await statusBranch.read())?.files ?? []);
      // What this process has written itself by now is younger still.
      if (recorded?.end === undefined || beganAt - Date.parse(recorded.at) < UNTOLD_MS) return;
      const { commit, end, failing = false } = recorded;
      for (const post of this.#posts) post.recall({ commit, ...end }, failing);
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      log.debug({ code: error.code, why: error.message }, 'Could not read what was told before');
    }
  }

  /** `isOld`: it was so before this process began. */
  #look(isOld: boolean): void {
    const end = this.#end();
    for (const post of this.#posts)
      post.see(end, isOld && (end?.state === 'healthy' || end?.state === 'applied'));
  }

  #end(): CommitEnd | undefined {
    if (this.#halt !== undefined) {
      const { commit, error } = this.#halt;
      return { commit, state: 'failed', detail: error.code };
    }
    return this.#report && commitEnd(withoutHalt(this.#report));
  }

  #notification(end: CommitEnd, recovered: boolean): Notification | undefined {
    const frame = { ...this.#frame, at: this.#duty.clock.now(), recovered };
    if (this.#halt?.commit === end.commit) return unreadNotification(this.#halt.error, end, frame);
    return this.#report?.commit === end.commit
      ? reportNotification(withoutHalt(this.#report), end, frame)
      : undefined;
  }
}

/** It is told by itself. */
function withoutHalt(report: Report): Report {
  return { ...report, findings: report.findings.filter(({ rule }) => rule !== COMMIT_UNREAD) };
}
