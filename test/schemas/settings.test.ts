import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../schemas/settings.ts';

const BARE = { apiVersion: 'weka-gitops.dev/v1', kind: 'Settings', metadata: { name: 'default' } };

describe('Settings', () => {
  it('have a default for everything', () => {
    expect(Settings.parse(BARE)).toEqual(DEFAULT_SETTINGS);
    expect(Settings.parse({ ...BARE, spec: {} })).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_SETTINGS.spec).toMatchObject({
      prune: { enabled: true, budget: { objects: 5, percent: 10 } },
      drift: 'correct',
      conflicts: 'report',
      status: { history: 200 },
    });
  });

  it('fill in what a part of them leaves out', () => {
    const { spec } = Settings.parse({ ...BARE, spec: { prune: { enabled: false } } });
    expect(spec.prune).toEqual({ enabled: false, budget: { objects: 5, percent: 10 } });
  });

  it('refuse what they do not know', () => {
    expect(Settings.safeParse({ ...BARE, spec: { prune: { budgets: {} } } }).success).toBe(false);
  });
});
