import { describe, expect, it } from 'vitest';
import { told } from '../spec/read.ts';
import { lintFiles } from './read.ts';

const HEAD = 'apiVersion: weka.weka.io/v1alpha1\nkind: WekaCluster\n';
const IMAGE = 'image: quay.io/weka.io/weka-in-container:4.4.10';

/** A cluster whose spec is `spec` besides its image; annotations stand in line 3. */
function cluster(spec: string, annotations = '', name = 'demo'): string {
  const about = annotations === '' ? '' : `, annotations: { ${annotations} }`;
  return `${HEAD}metadata: { name: ${name}, namespace: weka${about} }\nspec: { ${IMAGE}, ${spec} }\n`;
}

function settings(rules: string): string {
  return `apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: s }\nspec: { rules: { ${rules} } }\n`;
}

const findingsOf = (files: Readonly<Record<string, string>>): readonly string[] =>
  told(lintFiles(files)).filter((line) => !line.includes(' ignored '));

describe('rules over specs', () => {
  it('make a spec with an error a broken one, and leave one with a warning', () => {
    const parsed = lintFiles({
      'a.yaml': cluster('hotSpare: 1, stripeWidth: 20', '', 'wrong'),
      'b.yaml': cluster('hotSpare: 0', '', 'warned'),
    });
    expect(parsed.specs.map(({ id }) => id)).toEqual(['weka.weka.io/v1alpha1/WekaCluster/weka/warned']);
    expect(parsed.broken).toEqual([
      { id: 'weka.weka.io/v1alpha1/WekaCluster/weka/wrong', source: 'a.yaml:1' },
    ]);
  });

  it('put their findings between those of single manifests, by place', () => {
    const findings = lintFiles({ 'a.yaml': `${cluster('hotSpare: 0')}---\nnot: a manifest\n` }).findings;
    expect(findings.map(({ line, rule }) => `${line} ${rule}`)).toEqual([
      '2 ignored-field',
      '4 hot-spare-zero',
      '6 not-a-manifest',
    ]);
  });

  it('say the object, the line and the caret', () => {
    const [finding] = lintFiles({ 'a.yaml': cluster('hotSpare: 1, stripeWidth: 20') }).findings.filter(
      ({ rule }) => rule === 'stripe-width',
    );
    expect(finding).toMatchObject({
      object: 'weka.weka.io/v1alpha1/WekaCluster/weka/demo',
      file: 'a.yaml',
      line: 4,
      column: 84,
    });
    expect(finding?.excerpt).toMatch(/stripeWidth: 20 \}\n +\^$/);
  });

  it('say nothing of a manifest that has an error of its own', () => {
    expect(findingsOf({ 'a.yaml': cluster('hotSpare: 0, template: 5') })).toEqual([
      '4:81 error schema: spec.template must be text, not the number 5.',
    ]);
  });

  it('are told a hundred times at most each, and hold for the rest all the same', () => {
    const many = Array.from({ length: 120 }, (_, index) =>
      cluster('hotSpare: 1, stripeWidth: 20', '', `c-${index}`),
    );
    const parsed = lintFiles({ 'a.yaml': many.join('---\n') });
    const found = parsed.findings.filter(({ level }) => level === 'error');
    expect(found.filter(({ rule }) => rule === 'stripe-width')).toHaveLength(100);
    expect(found.at(-1)).toMatchObject({
      rule: 'more-findings',
      level: 'error',
      message: 'There are 20 more findings of the rule stripe-width, this among them.',
    });
    expect(parsed.broken).toHaveLength(120);
    expect(parsed.specs).toEqual([]);
  });
});

describe('the level of a rule in Settings', () => {
  it('makes a warning an error, and an error a warning', () => {
    const rules = 'hot-spare-zero: error, stripe-width: warning';
    const found = findingsOf({
      'a.yaml': cluster('stripeWidth: 20, dynamicTemplate: { computeContainers: 30, driveContainers: 30 }'),
      's.yaml': settings(rules),
    });
    expect(found.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      'error hot-spare-zero:',
      'warning stripe-width:',
    ]);
  });

  it('silences a rule', () => {
    const found = findingsOf({
      'a.yaml': cluster('hotSpare: 0'),
      's.yaml': settings('hot-spare-zero: silent'),
    });
    expect(found).toEqual([]);
  });

  it('is told where there is no such rule', () => {
    expect(findingsOf({ 's.yaml': settings('hot-spare-zer0: silent') })).toEqual([
      '4:18 warning unknown-rule: There is no rule "hot-spare-zer0".',
    ]);
  });
});

describe('the annotation weka-gitops.dev/ignore-rule', () => {
  const ignoring = (text: string): string => `weka-gitops.dev/ignore-rule: ${JSON.stringify(text)}`;

  it('silences a rule over specs for its object only, and counts what it silenced', () => {
    const parsed = lintFiles({
      'a.yaml': cluster('hotSpare: 0', ignoring('hot-spare-zero: a test system')),
      'b.yaml': cluster('hotSpare: 0', '', 'other'),
    });
    expect(told(parsed).filter((line) => line.includes('hot-spare-zero'))).toEqual([
      expect.stringContaining('b.yaml:4:68 warning hot-spare-zero: Cluster other'),
    ]);
    expect(parsed.silenced).toBe(1);
  });

  it('silences an error, so that the object is applied', () => {
    const text = 'stripe-width: the vendor made it so\nhot-spare-zero: a test system';
    const parsed = lintFiles({ 'a.yaml': cluster('stripeWidth: 20', ignoring(text)) });
    expect(parsed.specs).toHaveLength(1);
    expect(parsed.silenced).toBe(2);
  });

  it('silences rules over one manifest too', () => {
    const text = 'ignored-field: known\nhot-spare-zero: a test system\nunknown-field: read by another tool';
    const parsed = lintFiles({ 'a.yaml': cluster('mine: 1', ignoring(text)) });
    expect(parsed.findings).toEqual([]);
    expect(parsed.specs).toHaveLength(1);
    expect(parsed.silenced).toBe(3);
  });

  it('needs a reason', () => {
    expect(findingsOf({ 'a.yaml': cluster('hotSpare: 1', ignoring('hot-spare-zero')) })).toEqual([
      '3:86 error ignore-rule: "hot-spare-zero" is no exemption from a rule: it needs the rule and a reason.',
    ]);
  });

  it('names a rule that there is', () => {
    const text = 'hot-spare-none: a test system';
    expect(findingsOf({ 'a.yaml': cluster('hotSpare: 1', ignoring(text)) })).toEqual([
      '3:86 warning unknown-rule: There is no rule "hot-spare-none".',
    ]);
  });

  it('names a rule that can be left', () => {
    const text = 'schema: it is right';
    const found = findingsOf({ 'a.yaml': cluster('hotSpare: 1, template: 5', ignoring(text)) });
    expect(found.map((line) => line.split(': ')[0])).toEqual(['3:86 error fixed-rule', '4:81 error schema']);
  });
});
