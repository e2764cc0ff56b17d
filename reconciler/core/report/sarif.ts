import { createHash } from 'node:crypto';
import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import { LINT_RULES } from '../lint/lint-rules.ts';
import { MANIFEST_EXAMPLES, type ManifestExample } from '../spec/rules/manifest-examples.ts';
import { isRuleName, RULES } from '../spec/rules/rules.ts';
import { escapedJson } from './json.ts';
import { code, fence } from './markdown-text.ts';
import { prose } from './plain.ts';

const LEVELS = { error: 'error', warning: 'warning', ignored: 'note' } as const;

/** Results that GitHub's code scanning takes from one run; a file with more is refused in whole. */
const MAX_RESULTS = 25_000;

/** Findings as SARIF 2.1.0, which code scanning and editors read. */
export function findingsSarif({ findings }: Findings, version: string): string {
  const levels = Object.keys(LEVELS);
  const told = findings
    .toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))
    .slice(0, MAX_RESULTS);
  const left = findings.length - told.length;
  const names = [...new Set(told.map(({ rule }) => rule))].sort();
  const seen = new Map<string, number>();
  const run = {
    tool: {
      driver: { name: 'weka-gitops', semanticVersion: version, rules: names.map(descriptor) },
    },
    columnKind: 'unicodeCodePoints',
    originalUriBaseIds: { ROOT: { description: { text: 'The folder that the program was run in.' } } },
    invocations: [
      {
        executionSuccessful: true,
        ...(left === 0
          ? {}
          : {
              toolExecutionNotifications: [
                { level: 'warning', message: { text: `${left} more findings are left out.` } },
              ],
            }),
      },
    ],
    results: told.map((finding) => ({
      ruleId: finding.rule,
      ruleIndex: names.indexOf(finding.rule),
      level: LEVELS[finding.level],
      message: { text: textOf(finding) },
      locations: [location(finding)],
      partialFingerprints: { primaryLocationLineHash: fingerprint(finding, seen) },
    })),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${escapedJson(log)}\n`;
}

/** What is known of a rule. */
interface Known {
  readonly level: 'error' | 'warning' | 'ignored';
  readonly fixed: boolean;
  readonly why: string;
  /** Where the level is another one. */
  readonly except?: string;
}

const UNKNOWN: Known = { level: 'error', fixed: true, why: 'A fault in a manifest.' };

/** A rule as viewers explain it beside a finding. There is no public page of the rules that it could lead to. */
function descriptor(name: string) {
  const isRule = isRuleName(name);
  const { level, fixed, why, except }: Known = isRule ? RULES[name] : UNKNOWN;
  const reason = except === undefined ? [why] : [why, except];
  const setting = `spec.rules.${name}`;
  const change = (shown: string): string =>
    fixed
      ? 'Its level cannot be changed.'
      : `Its level is set under ${shown} in the repository's Settings: error, warning or silent.`;
  const mend = 'What to do stands in the message of each finding.';
  return {
    id: name,
    shortDescription: { text: why },
    fullDescription: { text: reason.join(' ') },
    help: {
      text: [...reason, mend, change(setting)].join(' '),
      markdown: [...reason, mend, ...(isRule ? exampleOf(name) : []), change(code(setting))].join('\n\n'),
    },
    defaultConfiguration: { level: LEVELS[level] },
  };
}

function exampleOf(name: string): readonly string[] {
  const example: ManifestExample | undefined = Object.hasOwn(LINT_RULES, name)
    ? { text: LINT_RULES[name as keyof typeof LINT_RULES].example }
    : (MANIFEST_EXAMPLES as Readonly<Record<string, ManifestExample>>)[name];
  if (example === undefined) return [];
  if ('words' in example) return [`Wrong: ${example.words.wrong}`, `Right: ${example.words.right}`];
  const { wrong, right } = example.text;
  return ['Wrong:', fence(wrong.split('\n'), 'yaml'), 'Right:', fence(right.split('\n'), 'yaml')];
}

/** Plain text. SARIF would make links of `[words](1)`, and put arguments in place of `{0}`. */
function textOf({ message, hint }: FindingOutput): string {
  const text = hint === undefined ? prose(message) : `${prose(message)} ${prose(hint)}`;
  return text.replaceAll('](', '] (').replace(/\{(?=\d+\})/g, '{ ');
}

function location({ file, line, column, object }: FindingOutput) {
  return {
    physicalLocation: {
      artifactLocation: artifactOf(file),
      region: { startLine: line, startColumn: column },
    },
    ...(object === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: prose(object), kind: 'object' }] }),
  };
}

function artifactOf(file: string) {
  const path = file.split('/').map(encodeURIComponent).join('/').replaceAll('%2F', '/');
  // A name like `a:b` would else be read as a scheme; encodeURIComponent has escaped the colon.
  return file.startsWith('/') ? { uri: `file://${path}` } : { uri: path, uriBaseId: 'ROOT' };
}

/** The same for the same fault after lines above it or its file moved. Of several alike, each has its number. */
function fingerprint({ rule, file, object, message }: FindingOutput, seen: Map<string, number>): string {
  const said = message.replace(/\bline \d+/g, 'line');
  const hash = createHash('sha256')
    .update(JSON.stringify([rule, object ?? file, said]))
    .digest('hex')
    .slice(0, 16);
  const number = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, number);
  return `${hash}:${number}`;
}
