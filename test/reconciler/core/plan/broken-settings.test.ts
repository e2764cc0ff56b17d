import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, MOST_APPROVALS } from '../../../../schemas/settings.ts';
import { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import { decide } from '../../../../reconciler/core/plan/decide.ts';
import { byId } from '../../../../reconciler/core/plan/plan.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aNamespace,
  APPLY_SET,
  applied,
  createdBy,
  wanted,
} from '../../../support/objects.ts';
import { readFiles, settings as settingsText } from '../spec/read.ts';

const now = new Date('2026-11-26T12:00:00Z');
const running = { status: { observedGeneration: 1, replicas: 1 } };

const live = [
  applied(aNamespace('weka')),
  applied(aDeployment('restarts'), running),
  createdBy('kubectl', aConfigMap('taken', { a: '1' })),
  applied(aConfigMap('harmless', { a: '1' })),
  applied(aConfigMap('gone')),
];
const desired = [
  aNamespace('weka'),
  aClusterObject('scheduling.k8s.io/v1/PriorityClass', 'everywhere', { value: 1 }),
  aDeployment('restarts', { container: { image: 'busybox:2' } }),
  aDeployment('privileged', { hostPID: true }),
  aConfigMap('taken', { a: '1' }),
  aConfigMap('harmless', { a: '2' }),
  aConfigMap('new', { a: '1' }),
];

/** What happens to each object where the repository holds these Settings. */
function decided(text: string, consents: 'none' | 'as asked' = 'none'): Readonly<Record<string, string>> {
  const settings = readFiles({ 'settings.yaml': text }).settings.spec;
  const rules = approvalRules(settings.approvals);
  const input = {
    desired: desired.map((object) => wanted(object)),
    live: byId(live),
    unread: [],
    broken: new Map(),
    settings,
    applySet: APPLY_SET,
    prune: { settings: settings.prune, alreadyPruned: 0 },
    set: targetOf(aConfigMap('weka-gitops')),
    author: 'Ada',
    brake: undefined,
  };
  const first = decide({ ...input, book: new ApprovalBook([], { rules, uses: [], now }) });
  const files = Object.fromEntries(
    first.awaited.map(({ file }) => [file.path, file.text.replace(/reason: .*/, 'reason: it has to be')]),
  );
  const approvals = readFiles(files).specs.filter((spec) => spec.kind === 'Approval');
  const book = new ApprovalBook(consents === 'none' ? [] : approvals, { rules, uses: [], now });
  const { changes } = decide({ ...input, book });
  return Object.fromEntries(changes.map(({ op, id }): [string, string] => [id.replace(/^.*\//, ''), op]));
}

const CAREFUL = {
  everywhere: 'wait',
  privileged: 'wait',
  restarts: 'wait',
  taken: 'wait',
  gone: 'wait',
  weka: 'keep',
  harmless: 'update',
  new: 'create',
};

describe('while Settings have an error', () => {
  it('goes ahead with nothing risky, although one consent is there, and with what is harmless', () => {
    const slip = settingsText('  approvals: { required: [restart], count: 1 }\n  drfit: correct');
    expect(decided(slip)).toEqual(CAREFUL);
    expect(decided(slip, 'as asked')).toEqual(CAREFUL);
  });

  it('goes ahead as they say once they are mended', () => {
    const mended = settingsText('  approvals: { required: [restart], count: 1 }');
    expect(decided(mended)).toMatchObject({ restarts: 'wait', privileged: 'create', gone: 'prune' });
    expect(decided(mended, 'as asked')).toMatchObject({ restarts: 'update' });
  });

  it.each<[string, string]>([
    ['a version that there is not', settingsText('  drift: report').replace('/v1', '/v2')],
    ['a group that there is not', settingsText('  drift: report').replace('weka-gitops.dev', 'weka.dev')],
    ['a slip in their kind', settingsText('  drift: report').replace('Settings', 'Setings')],
    ['no kind', settingsText('  drift: report').replace('kind: Settings\n', '')],
    ['YAML that ends in the midst', settingsText('  rules: {')],
    ['YAML that is wrong from the start', `{{ template }}\n${settingsText('  drift: report')}`],
    ['text that is none', `\u0000${settingsText('  drift: report')}`],
    ['a template in place of a value', settingsText('  drift: {{ .Values.drift }}')],
    ['a value that is checked against others', settingsText('  kinds: { allow: [Pot] }')],
    [
      'a fault beside their spec',
      settingsText('  drift: correct').replace('{ name: s }', '{ name: s, labels: { a: 1 } }'),
    ],
  ])('asks for the most consent to every risk: %s', (_what, text) => {
    const { findings, settings } = readFiles({ 'settings.yaml': text });
    expect(findings.filter(({ level }) => level === 'error')).not.toEqual([]);
    expect(approvalRules(settings.spec.approvals)).toMatchObject({ count: MOST_APPROVALS });
    expect(decided(text, 'as asked')).toMatchObject({ privileged: 'wait', restarts: 'wait', new: 'create' });
  });

  it('asks for no more where there are none, or another manifest has the error', () => {
    for (const text of [
      'kind: Aproval\napiVersion: weka-gitops.dev/v1',
      'a: [',
      '# kind: Settings',
      'kind: ConfigMap\na: [',
    ]) {
      expect(readFiles({ 'a.yaml': text }).settings).toEqual(DEFAULT_SETTINGS);
    }
    const files = { 'a.yaml': settingsText('  drift: report'), 'b.yaml': 'kind: Settings2\na: [' };
    expect(readFiles(files).settings.spec.approvals).toEqual(DEFAULT_SETTINGS.spec.approvals);
  });
});
