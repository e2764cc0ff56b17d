import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../../../reconciler/core/report/last-net.ts';
import { Explanation } from '../../../../schemas/output/explanation.ts';

/** An explanation that has `text` wherever one may have something that a person, a server or a file said. */
function explanationWith(text: string): Explanation {
  const commit = { sha: 'a', author: 'Ada', date: '2026-11-25T18:04:12.000Z', subject: `Set ${text}` };
  const line = { what: 'the manifest', file: 'a.yaml', line: 1, text: `k: ${text}`, commit };
  return Explanation.parse({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Explanation',
    cluster: 'demo',
    ref: 'main',
    commit: 'a',
    target: `v1/ConfigMap/weka/${text}`,
    state: 'refused',
    now: [`The server said ${text}`],
    written: [line, { what: 'the manifest', file: 'a.yaml', line: 2, older: text }],
    removed: { file: 'a.yaml', commit },
    fields: [
      {
        path: 'data.k',
        from: [text],
        to: { k: text },
        state: 'differs',
        why: text,
        written: [line],
        owners: [],
      },
    ],
    owners: [],
    facts: [{ name: 'Kernel', value: text }],
    related: [{ target: 'v1/Pod/a/b', why: text }],
    waitsFor: [{ target: 'v1/Pod/a/c', why: text }],
    toChange: [`Mend a.yaml:1: ${text}`],
  });
}

describe('an explanation', () => {
  it('holds nowhere what is encrypted in the repository, and names stay', () => {
    const secret = 'sealed-value';
    const clean = withoutSecrets(explanationWith(secret), [secret]);
    expect(JSON.stringify({ ...clean, target: '' })).not.toContain(secret);
    expect(clean.target).toContain(secret);
  });

  it.each([
    ['--password=hunter2', '--password=(hidden)'],
    ['https://jane:hunter2@db/x', 'https://jane:(hidden)@db/x'],
    ['with "token": "hunter2"', 'with "token": "(hidden)"'],
  ])('holds nowhere what looks like a secret: %s', (text, shown) => {
    const clean = withoutSecrets(explanationWith(text));
    expect(JSON.stringify({ ...clean, target: '' })).not.toContain('hunter2');
    expect(clean.now).toEqual([`The server said ${shown}`]);
    expect(clean.removed?.commit?.subject).toBe(`Set ${shown}`);
  });

  it('that has no secret stays as it is', () => {
    const explanation = explanationWith('the password store cannot be reached');
    expect(withoutSecrets(explanation, ['elsewhere'])).toEqual(explanation);
  });
});
