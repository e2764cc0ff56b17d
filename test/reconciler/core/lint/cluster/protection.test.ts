import { describe, expect, it } from 'vitest';
import { joins, protectionSum } from '../../../../../reconciler/core/lint/cluster/protection.ts';

describe('protectionSum', () => {
  it.each([
    [{ hotSpare: 0 }, 5],
    [{ hotSpare: 1, stripeWidth: 0, redundancyLevel: 0 }, 6],
    [{ hotSpare: 1, stripeWidth: 5, redundancyLevel: 2 }, 8],
    [{ hotSpare: 2, stripeWidth: 16, redundancyLevel: 4 }, 22],
  ])('%o needs %d failure domains', (cluster, total) => {
    expect(protectionSum(cluster).total).toBe(total);
  });
});

describe('joins', () => {
  it.each([
    [{}, false],
    [{ expandEndpoints: [] }, false],
    [{ expandEndpoints: ['10.0.0.1:14000'] }, true],
    [{ operatorSecretRef: 'login' }, true],
  ])('%o: %s', (cluster, expected) => {
    expect(joins(cluster)).toBe(expected);
  });
});
