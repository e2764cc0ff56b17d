import { describe, expect, it } from 'vitest';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import type { ValuePath } from '../../../../reconciler/core/spec/source.ts';

const IMAGE = 'image: quay.io/weka.io/weka-in-container:4.4.10';

describe('a finding of a rule over specs', () => {
  it('says of an encrypted value that it is not valid, and nothing of what it is', () => {
    const [finding] = findings('hotSpare: 1, stripeWidth: 20', ['spec', 'stripeWidth']);
    expect(finding).toMatchObject({
      rule: 'stripe-width',
      level: 'error',
      line: 4,
      message:
        'The value of spec.stripeWidth is not valid; it is encrypted in the repository, so it is not shown.',
      hint: 'Look at it with `sops`, and encrypt a valid one.',
    });
    expect(JSON.stringify(finding)).not.toContain('20');
  });

  it('says the same where what is encrypted holds the value', () => {
    const [finding] = findings('hotSpare: 1, ports: { basePort: 700, portRange: 500, s3Port: 750 }', [
      'spec',
      'ports',
    ]);
    expect(finding?.rule).toBe('port-overlap');
    expect(JSON.stringify(finding)).not.toMatch(/700|750/);
  });

  it('hides a short encrypted value that it quotes from another field', () => {
    const spec = 'hotSpare: 1, ports: { basePort: 700, portRange: 500, s3Port: 750 }';
    const shown = findings(spec).filter(({ rule }) => rule === 'port-overlap');
    expect(shown.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Port 750 is among 700 to \d+, /),
    ]);
    const hidden = findings(spec, ['spec', 'ports', 'basePort']);
    expect(hidden.filter(({ rule }) => rule === 'port-overlap').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Port 750 is among \(hidden\) to \d+, /),
    ]);
  });

  it('says what it has to say of values that stand in plain beside encrypted ones', () => {
    const [finding] = findings('hotSpare: 1, stripeWidth: 20, template: small', ['spec', 'template']);
    expect(finding).toMatchObject({ rule: 'stripe-width', message: expect.stringContaining('20') });
  });
});

function findings(spec: string, ...sealed: readonly ValuePath[]) {
  const text = `apiVersion: weka.weka.io/v1alpha1\nkind: WekaCluster\nmetadata: { name: demo, namespace: weka }\nspec: { ${IMAGE}, ${spec} }\n`;
  const file = {
    path: 'a.yaml',
    content: new TextEncoder().encode(text),
    sealed: sealed.map((path) => ({ document: 0, path })),
  };
  const parsed = lint(parseSpecs([file], { kinds: [], systemNamespace: 'weka-gitops-system' }));
  return parsed.findings.filter(({ level }) => level === 'error');
}
