import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, MOST_APPROVALS } from '../../../../schemas/settings.ts';
import { ApprovalBook, type ApprovalSpec } from '../../../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import { decide, type Decision } from '../../../../reconciler/core/plan/decide.ts';
import { byId } from '../../../../reconciler/core/plan/plan.ts';
import { type HeldSettings, parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
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
  const { changes } = decision(readFiles({ 'settings.yaml': text }).settings, consents);
  return Object.fromEntries(changes.map(({ op, id }): [string, string] => [nameOf(id), op]));
}

/** Why each object waits or is refused. */
function reasons(settings: HeldSettings): Readonly<Record<string, string>> {
  const { changes } = decision(settings);
  return Object.fromEntries(
    changes.flatMap((change): [string, string][] =>
      'reason' in change ? [[nameOf(change.id), change.reason]] : [],
    ),
  );
}

const nameOf = (id: string) => id.replace(/^.*\//, '');

function decision(held: HeldSettings, consents: 'none' | 'as asked' = 'none'): Decision {
  return bookAndDecision(held, consents).decision;
}

/** The decision, and the approvals that it was made by. */
function bookAndDecision(held: HeldSettings, consents: 'none' | 'as asked' | readonly ApprovalSpec[]) {
  const settings = held.spec;
  const rules = approvalRules(settings.approvals, {}, held.doubt);
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
  const first = decide({
    ...input,
    book: new ApprovalBook([], { rules, uses: [], now, cluster: 'production' }),
  });
  const files = Object.fromEntries(
    first.awaited.map(({ file }) => [file.path, file.text.replace(/reason: .*/, 'reason: it has to be')]),
  );
  const approvals = readFiles(files).specs.filter((spec) => spec.kind === 'Approval');
  const given = consents === 'none' ? [] : consents === 'as asked' ? approvals : consents;
  const book = new ApprovalBook(given, { rules, uses: [], now, cluster: 'production' });
  return { approvals, book, decision: decide({ ...input, book }) };
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

describe('what waits for Settings that nobody can read', () => {
  it('says which manifest to mend, and prints no Approval that could not count', () => {
    const { settings } = readFiles({ 'settings.yaml': settingsText('  drfit: correct') });
    expect(decision(settings).awaited).toEqual([]);
    expect(reasons(settings)).toMatchObject({
      privileged: expect.stringMatching(
        /^It waits for the Settings to be mended \(settings\.yaml:1\): privilege \(/,
      ),
      restarts: expect.stringMatching(/^It waits for the Settings to be mended .*: restart \(/),
    });
  });

  it('says nothing untrue of an Approval that was good before, and remembers that it is asked for', () => {
    const sound = readFiles({ 'settings.yaml': settingsText('  drift: correct') }).settings;
    const { approvals, decision: before } = bookAndDecision(sound, 'as asked');
    expect(before.changes.find(({ id }) => nameOf(id) === 'privileged')?.op).toBe('create');
    const broken = readFiles({ 'settings.yaml': settingsText('  drfit: correct') }).settings;
    const { book, decision: now } = bookAndDecision(broken, approvals);
    expect(now.changes.find(({ id }) => nameOf(id) === 'privileged')?.op).toBe('wait');
    const [consent] = approvals.filter(
      ({ approval }) => approval.metadata.name === 'create-object-privileged',
    );
    expect(book.asked.has(consent?.approval.spec.approvalDigest ?? '')).toBe(true);
    const said = now.findings.filter(({ object }) => object === consent?.id);
    expect(said).toEqual([]);
  });

  it('says that all but one of several have to go', () => {
    const { settings } = readFiles({
      'a.yaml': settingsText('  drift: correct'),
      'b.yaml': settingsText(''),
    });
    expect(reasons(settings)['privileged']).toMatch(
      /^It waits for one of the Settings to go \(a\.yaml:1, b\.yaml:1\): privilege/,
    );
  });

  it('waits the same where a file that may hold them was never read, and only there', () => {
    const ceilings = { kinds: [], systemNamespace: 'weka-gitops-system' };
    const read = (text: string) =>
      parseSpecs(
        [{ path: 'a.yaml', content: new TextEncoder().encode(text) }],
        ceilings,
        undefined,
        undefined,
        ['apps/kustomization.yaml'],
      ).settings;
    const unknown = read('{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: weka}}');
    expect(reasons(unknown)).toMatchObject({
      privileged: expect.stringMatching(
        /^It waits for apps\/kustomization\.yaml to be mended, which may hold the Settings: privilege/,
      ),
    });
    expect(decision(unknown, 'as asked').awaited).toEqual([]);
    const known = read(settingsText('  approvals: { required: [restart] }'));
    expect(known.doubt).toBeUndefined();
    expect(reasons(known)).toEqual({ restarts: expect.stringMatching(/^It waits for an Approval: restart/) });
  });

  it.each<[string, string]>([
    ['a fault beside it', settingsText('  suspend: audit\n  drfit: correct')],
    ['a fault in another manifest of them', `${settingsText('  suspend: audit')}\n---\n${settingsText('')}`],
  ])('stays suspended: %s', (_what, text) => {
    expect(readFiles({ 'settings.yaml': text }).settings.spec.suspend).toBe('audit');
  });

  it.each<[string, string]>([
    ['with no reason', settingsText('  suspend: ""')],
    ['with something else for a reason', settingsText('  suspend: true')],
    ['in YAML that ends in the midst', settingsText('  suspend: audit\n  rules: {')],
    ['in YAML that is wrong from the start', `{{ template }}\n${settingsText('  suspend: audit')}`],
    ['in text that is none', `\u0000${settingsText('  suspend: audit')}`],
  ])('is suspended where they seem to ask for it: %s', (_what, text) => {
    expect(readFiles({ 'settings.yaml': text }).settings.spec.suspend).toBeTruthy();
  });

  it('is not suspended where they do not speak of it', () => {
    expect(readFiles({ 'settings.yaml': settingsText('  rules: {') }).settings.spec.suspend).toBeUndefined();
  });
});
