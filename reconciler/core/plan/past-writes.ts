import type { ReconcilerError } from '../../errors.ts';
import type { Change, Outcome, Write } from './change.ts';

/** What a process that goes on knows of the writes of its earlier passes. */
export interface PastWrites {
  /** The plan for `commit`, where what is fought over waits for a while. */
  calmed(changes: readonly Change[], commit: string): readonly Change[];
  /** Writes that may be carried out beside each other, with those last of which less is hoped for. */
  inTurn(writes: readonly Write[]): readonly Write[];
  /** What became of a write that is not tried again yet. */
  standing(write: Write): Outcome | undefined;
  /** Why a write is held back, where others like it fail; undefined where it is not. */
  heldBack(write: Write): string | undefined;
  /** To be told of each success when it happens. */
  worked(write: Write): void;
  /** To be told of each failure when it happens. */
  failed(write: Write, error: ReconcilerError): void;
  /** To be told where the rest of a plan was given up, since no write would fare better. */
  brokenOff(error: ReconcilerError): void;
  /** Whether the log has said the same of it already. */
  isKnown(outcome: Outcome): boolean;
}
