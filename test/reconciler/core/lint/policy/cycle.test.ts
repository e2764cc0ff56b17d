import { describe, expect, it } from 'vitest';
import { cycleThrough } from '../../../../../reconciler/core/lint/policy/cycle.ts';

describe('a circle of policies', () => {
  const graph: Readonly<Record<string, readonly string[]>> = {
    a: ['b', 'd', 'a'],
    b: ['c'],
    c: ['b', 'a'],
    d: ['e'],
    e: ['gone'],
  };
  const next = (name: string): readonly string[] => graph[name] ?? [];

  it('is shown from its beginning back to it', () => {
    expect(cycleThrough('a', 'b', next)).toEqual(['a', 'b', 'c', 'a']);
    expect(cycleThrough('b', 'c', next)).toEqual(['b', 'c', 'b']);
  });

  it('can be one policy alone', () => {
    expect(cycleThrough('a', 'a', next)).toEqual(['a', 'a']);
  });

  it('is not seen where the way ends, or goes round elsewhere', () => {
    expect(cycleThrough('a', 'd', next)).toBeUndefined();
    expect(cycleThrough('x', 'b', next)).toBeUndefined();
  });
});
