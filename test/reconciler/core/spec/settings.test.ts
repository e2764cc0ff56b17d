import { describe, expect, it } from 'vitest';
import { RISK_NAMES } from '../../../../schemas/risk.ts';
import { DEFAULT_SETTINGS, MOST_APPROVALS } from '../../../../schemas/settings.ts';
import type { Manifest } from '../../../../reconciler/core/spec/manifest.ts';
import { settingsOf } from '../../../../reconciler/core/spec/settings.ts';
import { configMap, found, readFiles, settings, told, wekaContainer } from './read.ts';

describe('Settings', () => {
  it('have their defaults where there are none', () => {
    expect(readFiles({}).settings).toEqual(DEFAULT_SETTINGS);
    expect(readFiles({ 'a.yaml': configMap() }).settings).toEqual(DEFAULT_SETTINGS);
  });

  it('are not looked for in the text of a sound manifest of another kind, which takes reading its file once more', () => {
    const sound = {
      value: {},
      apiVersion: 'v1',
      kind: 'ConfigMap',
      problems: [],
      broken: false,
      get text(): never {
        throw new Error('The text was read.');
      },
    } as unknown as Manifest;
    expect(settingsOf([sound], { kinds: [], systemNamespace: 'weka-gitops-system' })).toEqual(
      DEFAULT_SETTINGS,
    );
  });

  it('are read with the defaults of what they leave out, and are no object of the cluster', () => {
    const parsed = readFiles({ 'a.yaml': settings('  drift: report\n  prune: { budget: { objects: 9 } }') });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs).toEqual([]);
    expect(parsed.settings.spec).toMatchObject({
      drift: 'report',
      conflicts: 'report',
      prune: { enabled: true, budget: { objects: 9, percent: 10 } },
    });
  });

  it('narrow the namespaces', () => {
    const text = `${settings('  namespaces: [other]')}\n---\n${configMap()}`;
    expect(found(text)).toEqual([
      '10:25 error namespace-not-allowed: Namespace "weka" is not among those that Settings name.',
    ]);
    expect(found(text.replace('[other]', '[weka]'))).toEqual([]);
  });

  it('widen nothing', () => {
    const text = settings('  namespaces: [a, b, kube-system]\n  kinds: { allow: [ConfigMap, Pod, Pot] }');
    expect(found(text, { namespaces: ['a'] })).toEqual([
      '5:19 error beyond-ceiling: Namespace "b" is not among those that the process\'s configuration allows.',
      '5:22 error beyond-ceiling: Namespace "kube-system" belongs to Kubernetes, and no spec may name it.',
      "6:31 error beyond-ceiling: Pod is not among the kinds that the process's configuration allows.",
      '6:36 error beyond-ceiling: "Pot" is not a kind that a repository may hold.',
    ]);
  });

  it('name no registry of drivers beyond those that the process allows', () => {
    const text = settings('  drivers: { registry: https://drivers.example.com/mirror/ }');
    const allowed = ['https://Drivers.example.com/mirror'];
    expect(found(text, { driverRegistries: allowed })).toEqual([]);
    expect(found(text)).toEqual([
      '5:24 error beyond-ceiling: Packages of drivers may not come from https://drivers.example.com/mirror: while ceilings.driverRegistries of the configuration is unset, they come from https://drivers.weka.io and from Services that the repository makes.',
    ]);
    expect(found(text, { driverRegistries: ['https://drivers.weka.io'] })).toEqual([
      '5:24 error beyond-ceiling: Packages of drivers may not come from https://drivers.example.com/mirror: ceilings.driverRegistries of the configuration does not name it.',
    ]);
  });

  it('set the level of a rule', () => {
    const container = wekaContainer('  numCores: 1\n  prot: 2');
    const levels = (rules: string): readonly (string | undefined)[] => {
      const { findings, specs } = readFiles({ 'a.yaml': container, 'b.yaml': settings(`  rules: ${rules}`) });
      return [...findings.map(({ rule, level }) => `${rule} ${level}`), `${specs.length} specs`];
    };
    expect(levels('{}')).toEqual(['ignored-field ignored', 'unknown-field error', '0 specs']);
    expect(levels('{ unknown-field: warning, ignored-field: silent }')).toEqual([
      'unknown-field warning',
      '1 specs',
    ]);
    expect(levels('{ unknown-field: silent, ignored-field: error }')).toEqual([
      'ignored-field error',
      '0 specs',
    ]);
  });

  it('may not silence what cannot be applied, and name only rules that there are', () => {
    expect(
      found(settings('  rules: { schema: silent, yaml-syntax: error, unknown-feild: warning }')),
    ).toEqual([
      '5:12 error fixed-rule: The rule schema stays an error.',
      '5:48 warning unknown-rule: There is no rule "unknown-feild".',
    ]);
  });

  it('tell which of them are not acted on yet', () => {
    expect(found(settings('  drives: { signTool: builtin }\n  windows: []'))).toEqual([
      '5:3 ignored ignored-field: spec.drives is accepted, and not acted on by this version.',
      '6:3 ignored ignored-field: spec.windows is accepted, and not acted on by this version.',
    ]);
  });

  it.each([
    ['  drfit: report', '5:3 error unknown-field: "drfit" is no field of spec in a Settings.'],
    ['  drift: never', '5:10 error schema: spec.drift must be one of correct, report, not "never".'],
    [
      '  prune: { budget: { percent: 101 } }',
      '5:31 error schema: spec.prune.budget.percent must be at most 100.',
    ],
    [
      '  rules: { ignored-field: off }',
      '5:27 error ambiguous-scalar: off is text in YAML 1.2, and false to the API server.',
    ],
  ])('that are wrong make the pass careful: %s', (spec, expected) => {
    const parsed = readFiles({ 'a.yaml': settings(`${spec}\n  conflicts: force\n  namespaces: [weka, 5]`) });
    expect(told(parsed)).toContain(expected);
    expect(parsed.settings.spec).toMatchObject({
      drift: 'report',
      conflicts: 'report',
      prune: { enabled: false },
      namespaces: ['weka'],
      approvals: { required: RISK_NAMES, count: MOST_APPROVALS },
    });
  });

  it('keep what only steers findings where another field is wrong, so that nothing untrue is said', () => {
    const rest = [
      '  rules: { ignored-field: silent, unknown-field: loud, hot-spare-zero: warning }',
      '  external: { clusters: [w/ext, 5], secrets: [w/s, wrong], claims: [] }',
    ].join('\n');
    const { settings: kept, findings } = readFiles({
      'a.yaml': settings(`  drft: correct\n${rest}`),
      'b.yaml': wekaContainer('  numCores: 1'),
    });
    expect(kept.spec.rules).toEqual({ 'ignored-field': 'silent', 'hot-spare-zero': 'warning' });
    expect(kept.spec.external).toMatchObject({ clusters: ['w/ext'], secrets: ['w/s'] });
    expect(findings.filter(({ rule }) => rule === 'ignored-field')).toEqual([]);
  });

  it('of several count what each of them calls external, and the levels that they agree on', () => {
    const { settings: kept } = readFiles({
      'a.yaml': settings(
        '  external: { clusters: [w/a] }\n  rules: { hot-spare-zero: silent, udp-mode: error }',
      ),
      'b.yaml': settings(
        '  external: { clusters: [w/b] }\n  rules: { hot-spare-zero: silent, udp-mode: silent }',
      ).replace('name: s', 'name: t'),
    });
    expect(kept.spec.external.clusters).toEqual(['w/a', 'w/b']);
    expect(kept.spec.rules).toEqual({ 'hot-spare-zero': 'silent' });
  });

  it('are one for each repository', () => {
    const parsed = readFiles({
      'a.yaml': settings('  namespaces: [a, b]'),
      'b.yaml': settings('  namespaces: [b, c]\n  conflicts: force').replace('name: s', 'name: t'),
    });
    expect(told(parsed)).toEqual([
      'a.yaml:2:7 error duplicate-settings: There are Settings in b.yaml:1 too, and only one may hold.',
      'b.yaml:2:7 error duplicate-settings: There are Settings in a.yaml:1 too, and only one may hold.',
    ]);
    expect(parsed.settings.spec).toMatchObject({
      namespaces: ['b'],
      conflicts: 'report',
      prune: { enabled: false },
    });
  });
});
