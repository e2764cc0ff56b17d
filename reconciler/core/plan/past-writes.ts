import type { ReconcilerError } from '../../errors.ts';
import type { Change, Outcome, Write } from './change.ts';

/** What a process that goes on knows of the writes of its earlier passes. */
export interface PastWrites {
  /** The plan for `commit`, where what is fought over waits for a while. */
  calmed(changes: readonly Change[], commit: string): readonly Change[];
  /** What became of a write that is not tried again yet. */
  standing(write: Write): Outcome | undefined;
  /** To be told of each failure when it happens. */
  failed(write: Write, error: ReconcilerError): void;
  /** Whether the log has said the same of it already. */
  isKnown(outcome: Outcome): boolean;
}
