import { describe, expect, it } from 'vitest';
import { canShare, nodeLabelsOf } from '../../../../../reconciler/core/lint/cluster/roles.ts';

describe('labels of the nodes for a role', () => {
  it('are its own in place of the general ones, and never both', () => {
    const cluster = { nodeSelector: { a: '1' }, roleNodeSelector: { s3: { b: '2' } } };
    expect(nodeLabelsOf(cluster, 's3')).toEqual({ b: '2' });
    expect(nodeLabelsOf(cluster, 'nfs')).toEqual({ a: '1' });
  });

  it.each([
    [{}, {}, true],
    [{ a: '1' }, {}, true],
    [{ a: '1' }, { b: '1' }, true],
    [{ a: '1' }, { a: '1', b: '2' }, true],
    [{ a: '1' }, { a: '2' }, false],
    [{ a: '1', b: '1' }, { a: '1', b: '2' }, false],
  ])('%o and %o can be those of one node: %s', (one, other, expected) => {
    expect(canShare(one, other)).toBe(expected);
    expect(canShare(other, one)).toBe(expected);
  });
});
