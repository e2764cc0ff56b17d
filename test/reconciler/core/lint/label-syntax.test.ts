import { describe, expect, it } from 'vitest';
import { isLabelKey, isLabelValue } from '../../../../reconciler/core/lint/label-syntax.ts';

describe('isLabelKey', () => {
  it.each(['a', 'A_b.c-1', 'example.com/rack', 'weka.io/supports-backends', 'x'.repeat(63)])('%s', (key) => {
    expect(isLabelKey(key)).toBe(true);
  });

  it.each(['', '/a', 'a/', 'a/b/c', '-a', 'a b', 'Example.com/rack', 'a=b', 'x'.repeat(64)])(
    'not %s',
    (key) => {
      expect(isLabelKey(key)).toBe(false);
    },
  );
});

describe('isLabelValue', () => {
  it.each(['', 'true', 'north-hall', 'a.b_c'])('%s', (value) => {
    expect(isLabelValue(value)).toBe(true);
  });

  it.each(['a b', 'a/b', '.a', 'a-', 'x'.repeat(64)])('not %s', (value) => {
    expect(isLabelValue(value)).toBe(false);
  });
});
