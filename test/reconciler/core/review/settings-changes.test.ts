import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../../../schemas/settings.ts';
import { settingsChanges, settingsChangeWords } from '../../../../reconciler/core/review/settings-changes.ts';

function settings(spec: object): Settings {
  return Settings.parse({ ...DEFAULT_SETTINGS, spec });
}

function words(from: object, to: object): readonly string[] {
  return settingsChanges(settings(from), settings(to)).map(settingsChangeWords);
}

describe('settingsChanges', () => {
  it('are none where all is the same, whatever is written out', () => {
    expect(words({}, {})).toEqual([]);
    expect(words({}, { drift: 'correct', prune: { enabled: true } })).toEqual([]);
    expect(words({ rules: { a: 'silent', b: 'error' } }, { rules: { b: 'error', a: 'silent' } })).toEqual([]);
  });

  it('name each field that differs, with both values', () => {
    expect(
      words(
        { drift: 'report', namespaces: ['weka'], rules: { 'latest-tag': 'silent' } },
        {
          prune: { budget: { objects: 50 } },
          namespaces: ['weka', 'monitoring'],
          suspend: 'the hall moves',
          rules: { 'latest-tag': 'error' },
        },
      ),
    ).toEqual([
      'spec.drift: report → correct',
      'spec.namespaces: ["weka"] → ["weka","monitoring"]',
      'spec.prune.budget.objects: 5 → 50',
      'spec.rules.latest-tag: silent → error',
      'spec.suspend: not set → "the hall moves"',
    ]);
    expect(words({ suspend: 'x' }, {})).toEqual(['spec.suspend: x → not set']);
  });
});
