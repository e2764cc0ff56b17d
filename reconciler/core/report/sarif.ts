import { createHash } from 'node:crypto';
import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import { LINT_RULES } from '../lint/lint-rules.ts';
import { RULES } from '../spec/rules/rules.ts';
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
  readonly example?: { readonly wrong: string; readonly right: string };
}

const KNOWN: Readonly<Record<string, Known>> = { ...RULES, ...LINT_RULES };

function descriptor(name: string) {
  const rule = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  const { level = 'error', why = 'A fault in a manifest.', fixed = true, example } = rule ?? {};
  const setting = `spec.rules.${name}`;
  const change = (shown: string): string =>
    fixed
      ? 'Its level cannot be changed.'
      : `Its level is set under ${shown} in the repository's Settings: error, warning or silent.`;
  const examples =
    example === undefined
      ? []
      : [
          'Wrong:',
          fence(example.wrong.split('\n'), 'yaml'),
          'Right:',
          fence(example.right.split('\n'), 'yaml'),
        ];
  return {
    id: name,
    shortDescription: { text: why },
    help: {
      text: `${why} ${change(setting)}`,
      markdown: [why, change(code(setting)), ...examples].join('\n\n'),
    },
    defaultConfiguration: { level: LEVELS[level] },
  };
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
