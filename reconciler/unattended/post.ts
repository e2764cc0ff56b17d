import type { Notification } from '../../schemas/output/notification.ts';
import type { CommitEnd } from '../core/report/commit-end.ts';
import {
  afterSight,
  afterTelling,
  asToldBefore,
  type Digest,
  dueMs,
  isRecovery,
  NOTHING_TOLD,
  recalled,
} from '../core/notify/digest.ts';
import { ReconcilerError } from '../errors.ts';
import { NotifyError } from '../world/notify/errors.ts';
import type { Receiver } from '../world/notify/receiver.ts';
import { Bell } from './bell.ts';
import type { Duty } from './duty.ts';
import { isAbortOf } from './ending.ts';
import { Trouble } from './trouble.ts';

/** Messages that wait for a receiver that does not answer; the oldest go first. */
const MOST_QUEUED = 20;

type Reason = 'news' | 'due';

/** What one receiver is told, and what waits for it. */
export class Post {
  readonly #receiver: Receiver;
  readonly #duty: Duty;
  readonly #write: (end: CommitEnd, recovered: boolean) => Notification | undefined;
  readonly #trouble: Trouble;
  #digest: Digest = NOTHING_TOLD;
  readonly #queue: Notification[] = [];
  #bell: Bell<Reason> | undefined;

  constructor(
    receiver: Receiver,
    duty: Duty,
    write: (end: CommitEnd, recovered: boolean) => Notification | undefined,
  ) {
    this.#receiver = receiver;
    this.#duty = duty;
    this.#write = write;
    this.#trouble = new Trouble(duty);
  }

  /** `isOld`: it was so before this process began, and is not told. */
  see(end: CommitEnd | undefined, isOld: boolean): void {
    this.#digest = afterSight(this.#digest, end, this.#duty.time.now());
    if (isOld) this.#digest = asToldBefore(this.#digest);
    this.#bell?.ring('news');
  }

  /** To be told what the process before this one had seen, and had the time to tell. */
  recall(end: CommitEnd, wasFailing: boolean): void {
    // Who is told of no failure is not told that it is over either.
    this.#digest = recalled(this.#digest, end, wasFailing && this.#receiver.on.includes('failed'));
    this.#bell?.ring('news');
  }

  /** `signal` ends a message that is on its way. */
  async run(tenure: AbortSignal, signal: AbortSignal): Promise<never> {
    const bell = new Bell<Reason>(this.#duty.time, tenure);
    this.#bell = bell;
    for (;;) {
      await bell.next();
      const nextMs = this.#collect();
      while (this.#queue.length > 0 && this.#trouble.remainingMs('notification') === 0)
        await this.#send(signal);
      const waits = [
        ...(nextMs === undefined ? [] : [nextMs]),
        ...(this.#queue.length === 0 ? [] : [this.#trouble.remainingMs('notification')]),
      ];
      if (waits.length > 0) bell.ringAfter(Math.min(...waits), 'due');
    }
  }

  async finish(signal: AbortSignal): Promise<void> {
    this.#collect();
    try {
      while (this.#queue.length > 0 && this.#trouble.remainingMs('notification') === 0 && !signal.aborted) {
        await this.#send(signal);
      }
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error;
    }
  }

  /** Puts what is due into the queue; gives in how long something else will be. */
  #collect(): number | undefined {
    const now = this.#duty.time.now();
    const ms = dueMs(this.#digest, this.#receiver.on, now);
    if (ms !== 0 || this.#digest.seen === undefined) return ms;
    const notification = this.#write(this.#digest.seen.end, isRecovery(this.#digest));
    this.#digest = afterTelling(this.#digest, now);
    if (notification === undefined) return undefined;
    this.#queue.push(notification);
    while (this.#queue.length > MOST_QUEUED) {
      this.#queue.shift();
      this.#duty.metrics.observeNotification('dropped');
    }
    return undefined;
  }

  async #send(signal: AbortSignal): Promise<void> {
    const [notification] = this.#queue;
    if (notification === undefined) return;
    const { metrics } = this.#duty;
    try {
      await this.#receiver.send(notification, { signal });
      metrics.observeNotification('sent');
      this.#trouble.ended('notification');
      this.#taken(notification);
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      metrics.observeNotification('failed');
      this.#trouble.failed('notification', error, `Could not notify ${this.#receiver.name}`);
      // What it does not take now it takes never, and what comes after it waits no longer.
      if (error instanceof NotifyError && error.isMessage) this.#taken(notification);
    }
  }

  #taken(notification: Notification): void {
    const at = this.#queue.indexOf(notification);
    if (at !== -1) this.#queue.splice(at, 1);
  }
}
