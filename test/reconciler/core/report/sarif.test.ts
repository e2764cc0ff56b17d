import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findingsOutput } from '../../../../reconciler/core/report/json.ts';
import { findingsSarif } from '../../../../reconciler/core/report/sarif.ts';
import { LINT_RULES } from '../../../../reconciler/core/lint/lint-rules.ts';
import { MANIFEST_EXAMPLES } from '../../../../reconciler/core/spec/rules/manifest-examples.ts';
import { type Rule, RULES } from '../../../../reconciler/core/spec/rules/rules.ts';
import { readFiles } from '../spec/read.ts';
import { aFinding } from './samples.ts';

/** What SARIF 2.1.0 has of what we print: nothing else may stand there. */
const Text = z.strictObject({ text: z.string().min(1), markdown: z.string().min(1).optional() });
const Level = z.enum(['none', 'note', 'warning', 'error']);
const Sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          semanticVersion: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: Text,
              fullDescription: Text,
              help: Text,
              defaultConfiguration: z.strictObject({ level: Level }),
            }),
          ),
        }),
      }),
      columnKind: z.literal('unicodeCodePoints'),
      originalUriBaseIds: z.record(z.string(), z.strictObject({ description: Text })),
      invocations: z.tuple([
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(z.strictObject({ level: Level, message: Text })).optional(),
        }),
      ]),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: Level,
          message: Text,
          locations: z.tuple([
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({
                  uri: z.string().regex(/^[\w.~!*'();:@&=+$,/?#%-]*$/),
                  uriBaseId: z.string().optional(),
                }),
                region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1) }),
              }),
              logicalLocations: z
                .array(z.strictObject({ fullyQualifiedName: z.string(), kind: z.string() }))
                .optional(),
            }),
          ]),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ]),
});

function sarif(findings: Parameters<typeof findingsOutput>[0]) {
  const text = findingsSarif(findingsOutput(findings, { files: 1, documents: 1 }), '1.2.3');
  return Sarif.parse(JSON.parse(text)).runs[0];
}

describe('SARIF', () => {
  it('has of each finding its rule, level, place and what to do', () => {
    const { results, tool } = sarif([
      aFinding({ level: 'ignored', rule: 'ignored-field', object: 'v1/ConfigMap/weka/a' }),
      aFinding({ file: 'weka/a b#c:😀.yaml' }),
    ]);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['ignored-field', 'unknown-field']);
    expect(tool.driver.rules[1]).toEqual({
      id: 'unknown-field',
      shortDescription: { text: RULES['unknown-field'].why },
      fullDescription: { text: RULES['unknown-field'].why },
      help: {
        text: expect.stringContaining('spec.rules.unknown-field in the repository'),
        markdown: expect.stringContaining('`spec.rules.unknown-field`'),
      },
      defaultConfiguration: { level: 'error' },
    });
    expect(results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      ['unknown-field', 1, 'error'],
      ['ignored-field', 0, 'note'],
    ]);
    expect(results[0]!.message.text).toBe('Deployment has no field spec.replicass. Did you mean replicas?');
    expect(results[0]!.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'weka/a%20b%23c%3A%F0%9F%98%80.yaml', uriBaseId: 'ROOT' },
      region: { startLine: 12, startColumn: 3 },
    });
    expect(results[1]!.locations[0].logicalLocations).toEqual([
      { fullyQualifiedName: 'v1/ConfigMap/weka/a', kind: 'object' },
    ]);
  });

  it('shows what a rule over specs means by an example', () => {
    const rule = LINT_RULES['hot-spare-zero'];
    const { tool } = sarif([aFinding({ rule: 'hot-spare-zero', level: 'warning' })]);
    expect(tool.driver.rules[0]).toMatchObject({
      shortDescription: { text: rule.why },
      defaultConfiguration: { level: rule.level },
    });
    expect(tool.driver.rules[0]!.help.markdown).toContain(rule.example.right.trim());
  });

  it.each(Object.keys(RULES))('explains %s: why, what to do and its level', (name) => {
    const rule: Rule = RULES[name as keyof typeof RULES];
    const [told] = sarif([aFinding({ rule: name })]).tool.driver.rules;
    expect(told!.fullDescription.text).toBe(
      rule.except === undefined ? rule.why : `${rule.why} ${rule.except}`,
    );
    for (const part of [rule.why, 'What to do', rule.fixed ? 'cannot be changed' : `spec.rules.${name}`]) {
      expect(told!.help.text).toContain(part);
      expect(told!.help.markdown).toContain(part);
    }
  });

  it.each([...Object.keys(LINT_RULES), ...Object.keys(MANIFEST_EXAMPLES)])(
    'shows an example of %s',
    (name) => {
      const [told] = sarif([aFinding({ rule: name })]).tool.driver.rules;
      expect(told!.help.markdown).toMatch(/\n\nWrong:[\s\S]*\n\nRight:/);
    },
  );

  it('knows a finding again after lines above it and its file moved, and tells like ones apart', () => {
    const print = (files: Readonly<Record<string, string>>): readonly string[] =>
      sarif(readFiles(files).findings).results.map(
        (each) => each.partialFingerprints['primaryLocationLineHash']!,
      );
    const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\n';
    const faults = 'data:\n  a: x\n  a: z\n  b: 5\ntypo: 1\ntypo2: 1\n';
    const before = print({ 'a.yaml': object + faults });
    expect(new Set(before).size).toBe(before.length);
    expect(print({ 'b/c.yaml': `# one\n# more\n${object}\n${faults}` })).toEqual(before);
    const other = object.replace('name: a', 'name: b');
    expect(print({ 'a.yaml': other + faults }).some((each) => before.includes(each))).toBe(false);
    const same = sarif([aFinding(), aFinding({ line: 90 })]).results;
    expect(same.map((each) => each.partialFingerprints['primaryLocationLineHash']!.split(':')[1])).toEqual([
      '1',
      '2',
    ]);
  });

  it('makes no links and no arguments of what manifests say', () => {
    const { results } = sarif([aFinding({ message: 'It has [x](http://evil) and {0}.' })]);
    expect(results[0]!.message.text).not.toMatch(/\]\(|\{0\}/);
  });

  it('has at most what code scanning takes, errors before the rest, and says so', () => {
    const many = Array.from({ length: 25_001 }, (_, index) =>
      aFinding({ level: index < 2 ? 'warning' : 'error' }),
    );
    const { results, invocations } = sarif(many);
    expect(results).toHaveLength(25_000);
    expect(results.at(-1)!.level).toBe('warning');
    expect(invocations[0].toolExecutionNotifications?.[0]?.message.text).toBe(
      '1 more findings are left out.',
    );
  });

  it('never repeats a Secret', () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: { name: a, namespace: weka }\nstringData: { a: hunter2, b: 5 }';
    const { findings } = readFiles({ 'a.yaml': secret });
    expect(findings).not.toEqual([]);
    expect(JSON.stringify(sarif(findings))).not.toContain('hunter2');
  });
});
