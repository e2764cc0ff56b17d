import type { Outcome } from '../../core/plan/change.ts';
import type { Log } from '../../ports.ts';

/** Writes of a pass that are told one by one. A line costs as much as a tenth of the write, and nobody reads a thousand. */
const SINGLY = 10;

/**
 * Tells what becomes of each write. Every failure has a line of its own, and so have the first writes that go well;
 * those after them are told at the level `debug`, and counted in the last line of the pass. What is held back is told by reason.
 * What was told by a pass before is told at the level `debug`.
 */
export class OutcomeLog {
  readonly #log: Log;
  readonly #held = new Map<string, string[]>();
  #told = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  note(outcome: Outcome, isKnown = false): void {
    const { id, op } = outcome.change;
    switch (outcome.result) {
      case 'done':
      case 'unchanged': {
        this.#told += 1;
        const level = this.#told > SINGLY ? 'debug' : 'info';
        this.#log[level]({ id, op, result: outcome.result }, 'Applied change');
        return;
      }
      case 'failed':
        this.#log[isKnown ? 'debug' : 'warn'](
          { id, op, code: outcome.code, why: outcome.why },
          'Could not apply change',
        );
        return;
      case 'held':
        if (!isKnown) this.#hold(outcome.why, id);
    }
  }

  /** To be called once, when no other write comes. */
  end(): void {
    for (const [why, ids] of this.#held) {
      this.#log.warn({ why, count: ids.length, ids: ids.slice(0, SINGLY) }, 'Held changes back');
    }
  }

  #hold(why: string, id: string): void {
    const ids = this.#held.get(why);
    if (ids === undefined) this.#held.set(why, [id]);
    else ids.push(id);
  }
}
