import { describe, expect, it } from 'vitest';
import { baseBranch } from '../../../reconciler/config/base-branch.ts';
import { ConfigError } from '../../../reconciler/config/config-error.ts';

describe('the branch that pull requests go to', () => {
  it.each([
    ['main', 'main'],
    ['refs/heads/main', 'main'],
    ['refs/heads/team/storage', 'team/storage'],
    ['team/refs/heads/x', 'team/refs/heads/x'],
  ])('is that of %s: %s', (ref, branch) => {
    expect(baseBranch(ref)).toBe(branch);
  });

  it.each(['refs/tags/v1', 'refs/pull/7/head', 'HEAD', 'a'.repeat(40), 'A'.repeat(40)])(
    'is not %s',
    (ref) => {
      expect(() => baseBranch(ref)).toThrow(ConfigError);
      expect(() => baseBranch(ref)).toThrow(ref);
    },
  );
});
