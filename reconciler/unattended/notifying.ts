import type { Notification } from '../../schemas/output/notification.ts';
import { type CommitEnd, commitEnd } from '../core/notify/commit-end.ts';
import { reportNotification, unreadNotification } from '../core/notify/notification.ts';
import { didSomething } from '../core/report/status-page.ts';
import type { Report } from '../core/report/report.ts';
import type { Duty } from './duty.ts';
import { abortOf } from './ending.ts';
import type { Halt } from './followed-ref.ts';
import { COMMIT_UNREAD } from './halt-finding.ts';
import { Post } from './post.ts';
import { statusAddress } from './status-address.ts';
import { withDone } from './with-done.ts';

/** Tells receivers to which ends commits come. No pass waits for them, and none of them for another. */
export class Notifying {
  readonly #frame: { readonly cluster: string; readonly ref: string; readonly url: string | undefined };
  readonly #clock: Duty['clock'];
  readonly #posts: readonly Post[];
  #report: Report | undefined;
  #halt: Halt | undefined;

  constructor(duty: Duty, { cluster, ref }: { readonly cluster: string; readonly ref: string }) {
    this.#clock = duty.clock;
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
    await Promise.all([abortOf(tenure), ...this.#posts.map((post) => post.run(tenure, signal))]);
    throw tenure.reason;
  }

  /** Sends what is due, once. */
  async finish(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#posts.map((post) => post.finish(signal)));
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
    const frame = { ...this.#frame, at: this.#clock.now(), recovered };
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
