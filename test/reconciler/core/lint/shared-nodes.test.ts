import { describe, expect, it } from 'vitest';
import { describeNodes, sharedNodes } from '../../../../reconciler/core/lint/shared-nodes.ts';

describe('nodes that two selectors share', () => {
  it.each([
    ['equal selectors', { a: '1' }, { a: '1' }, { a: '1' }],
    ['all nodes and some', {}, { a: '1' }, { a: '1' }],
    ['a selector and a stricter one', { a: '1' }, { a: '1', b: '2' }, { a: '1', b: '2' }],
    ['no selector at all', {}, {}, {}],
  ])('%s: those of the stricter one', (_, one, other, shared) => {
    expect(sharedNodes(one, other)).toEqual(shared);
    expect(sharedNodes(other, one)).toEqual(shared);
  });

  it.each([
    ['two values of a label', { a: '1' }, { a: '2' }],
    ['labels that a node may or may not have together', { a: '1' }, { b: '1' }],
    ['a stricter one that contradicts', { a: '1' }, { a: '2', b: '2' }],
  ])('%s: none that is certain', (_, one, other) => {
    expect(sharedNodes(one, other)).toBeUndefined();
  });

  it('are called by their labels', () => {
    expect(describeNodes({})).toBe('All nodes');
    expect(describeNodes({ a: '1', b: '2' })).toBe('Nodes with a=1 and b=2');
  });
});
