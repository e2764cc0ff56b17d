import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Acknowledgement,
  type GateState,
  movedWords,
  undiverged,
} from '../../../../reconciler/core/review/undiverged.ts';

const T = (minute: number) => new Date(Date.UTC(2026, 10, 25, 18, minute));

interface Step {
  readonly at: number;
  readonly head?: string;
  readonly base?: string;
  readonly digest: string;
  readonly acks?: readonly Acknowledgement[];
}

/** What the gate says after each step, in words. */
function gates(steps: readonly Step[]): readonly string[] {
  let state: GateState | undefined;
  return steps.map(({ at, head = 'head', base = 'base', digest, acks }) => {
    const next = undiverged(state, { head, base, digest, at: T(at) }, acks);
    state = next.state;
    return next.gate.is === 'moved' ? movedWords(next.gate) : next.gate.is;
  });
}

const CASES: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
  ['the first plan of a head counts as looked at', [{ at: 0, digest: 'a' }], ['as-reviewed']],
  [
    'a base that moves without changing the plan changes nothing',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'a', base: 'base2' },
      { at: 2, digest: 'b', base: 'base2' },
    ],
    ['as-reviewed', 'as-reviewed', 'the cluster changed'],
  ],
  [
    'a plan that the base changed has to be looked at',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'b', base: 'base2' },
      { at: 2, digest: 'b', base: 'base2' },
    ],
    ['as-reviewed', 'the base moved', 'the base moved'],
  ],
  [
    'a plan that is again as it was looked at is fine',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'b' },
      { at: 2, digest: 'a' },
    ],
    ['as-reviewed', 'the cluster changed', 'as-reviewed'],
  ],
  [
    'an approving review of the head, or a command, after the plan was shown counts',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'b' },
      { at: 5, digest: 'b', acks: [{ at: T(3), head: 'head' }] },
      { at: 6, digest: 'c' },
      { at: 8, digest: 'c', acks: [{ at: T(7) }] },
    ],
    ['as-reviewed', 'the cluster changed', 'as-reviewed', 'the cluster changed', 'as-reviewed'],
  ],
  [
    'one from before it was shown, or of another head, does not',
    [
      { at: 0, digest: 'a' },
      { at: 4, digest: 'b' },
      { at: 5, digest: 'b', acks: [{ at: T(3) }, { at: T(4) }, { at: T(5), head: 'other' }] },
    ],
    ['as-reviewed', 'the cluster changed', 'the cluster changed'],
  ],
  [
    'one counts for the plan that was shown then, and for no later one',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'b' },
      { at: 3, digest: 'c', acks: [{ at: T(2) }] },
      { at: 4, digest: 'c', acks: [{ at: T(2) }] },
      { at: 5, digest: 'b', acks: [{ at: T(2) }] },
    ],
    ['as-reviewed', 'the cluster changed', 'the cluster changed', 'the cluster changed', 'as-reviewed'],
  ],
  [
    'a new head begins anew',
    [
      { at: 0, digest: 'a' },
      { at: 1, digest: 'b' },
      { at: 2, digest: 'b', head: 'head2' },
      { at: 3, digest: 'a', head: 'head2' },
    ],
    ['as-reviewed', 'the cluster changed', 'as-reviewed', 'the cluster changed'],
  ],
];

describe('undiverged', () => {
  it.each(CASES)('%s', (_, steps, expected) => {
    expect(gates(steps)).toEqual(expected);
  });

  it('lets nothing pass but what was shown first, or acknowledged while it was shown', () => {
    const step = fc.record({
      head: fc.constantFrom('h1', 'h2'),
      base: fc.constantFrom('b1', 'b2'),
      digest: fc.constantFrom('d1', 'd2', 'd3'),
      wait: fc.integer({ min: 1, max: 5 }),
      // Minutes before now; beyond the last step it is an old one.
      ack: fc.option(
        fc.record({ ago: fc.integer({ min: 0, max: 9 }), head: fc.constantFrom('h1', 'h2', undefined) }),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let state: GateState | undefined;
        let now = 0;
        // An independent record of who could have seen what.
        const shown: { from: number; head: string; digest: string }[] = [];
        const acks: Acknowledgement[] = [];
        for (const { head, base, digest, wait, ack } of steps) {
          now += wait;
          if (ack !== null && now - ack.ago >= 0) {
            acks.push({ at: T(now - ack.ago), ...(ack.head === undefined ? {} : { head: ack.head }) });
          }
          const next = undiverged(state, { head, base, digest, at: T(now) }, acks);
          state = next.state;
          const isNewHead = shown.at(-1)?.head !== head;
          if (isNewHead) shown.length = 0;
          const last = shown.at(-1);
          if (last?.digest !== digest) shown.push({ from: now, head, digest });
          if (next.gate.is !== 'as-reviewed') continue;
          const seen = shown.some(
            (each, at) =>
              each.digest === digest &&
              (at === 0 ||
                acks.some(
                  (given) =>
                    given.at > T(each.from) &&
                    given.at <= T(shown[at + 1]?.from ?? now) &&
                    (given.head === undefined || given.head === head),
                )),
          );
          expect(seen).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
