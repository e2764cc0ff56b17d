import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineShares } from '../../../../reconciler/world/secrets/shamir.ts';

/** Shares that the real `sops` would make have random coefficients; these are worked out by hand: f(x) = 0x42 + 0x01·x. */
const shares = [1, 2, 3].map((x) => Uint8Array.of(0x42 ^ x, x));

describe('shares of a secret', () => {
  it('give it, whichever of them there are', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(shares, { minLength: 2 }), (some) => {
        expect(combineShares(some)).toEqual(Uint8Array.of(0x42));
      }),
    );
  });

  it.each([
    ['one', [shares[0]!]],
    ['one twice', [shares[0]!, shares[0]!]],
    ['of two lengths', [shares[0]!, Uint8Array.of(1, 2, 3)]],
    ['of the secret itself', [shares[0]!, Uint8Array.of(1, 0)]],
    ['empty', [Uint8Array.of(1), Uint8Array.of(2)]],
  ])('that do not fit together (%s) give none', (_, some) => {
    expect(combineShares(some)).toBeUndefined();
  });
});
