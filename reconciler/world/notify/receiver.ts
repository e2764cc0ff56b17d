import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { Notification } from '../../../schemas/output/notification.ts';
import type { Interruptible } from '../../ports.ts';

/** Somebody who is told what becomes of commits. */
export interface Receiver {
  /** As the log may name it: its address is a secret. */
  readonly name: string;
  /** What is told; that something is well again is told after each failure. */
  readonly on: readonly CommitState[];
  /** Throws a NotifyError where it was not taken. */
  send(notification: Notification, options?: Interruptible): Promise<void>;
}
