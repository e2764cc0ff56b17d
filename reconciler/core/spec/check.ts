import type { Finding } from './finding.ts';
import type { Manifest } from './manifest.ts';
import type { Problem, TextProblem } from './problem.ts';
import { ignoredFields } from './rules/ignored-fields.ts';
import { candidateOf } from './rules/kind.ts';
import { kubernetesSchema } from './rules/kubernetes-schema.ts';
import { mode } from './rules/mode.ts';
import { labels, names } from './rules/names.ts';
import { namespaces } from './rules/namespaces.ts';
import { typed } from './rules/own-schema.ts';
import { reserved } from './rules/reserved.ts';
import type { Candidate, Check, RuleContext } from './rules/rule-context.ts';
import { RULES } from './rules/rules.ts';
import { settingsRules } from './rules/settings-rules.ts';
import type { Position } from './source.ts';

const CHECKS: readonly Check[] = [
  names,
  namespaces,
  labels,
  reserved,
  kubernetesSchema,
  mode,
  settingsRules,
  ignoredFields,
];

/** Findings of one rule after which it is not asked further: nobody reads more at once. */
const MAX_FINDINGS = 100;

/** What is wrong with one manifest, and its typed form where its kind has a schema of ours. */
export interface Checked {
  readonly manifest: Manifest;
  readonly candidate?: Candidate;
  readonly data?: unknown;
  readonly findings: readonly Finding[];
}

export function check(manifest: Manifest, context: RuleContext, duplicate: Problem | undefined): Checked {
  const findings = manifest.problems.flatMap((problem) => textFinding(manifest, problem, context));
  const found = (problems: Iterable<Problem>): void => {
    for (const problem of problems) {
      findings.push(...finding(manifest, problem, context).filter((each) => !toldAlready(each, findings)));
      if (findings.length < MAX_FINDINGS) continue;
      const message = `The manifest has ${MAX_FINDINGS} findings or more; the rest are not told.`;
      const more = { rule: 'more-findings', path: [], message, hint: 'Mend the others first.' } as const;
      findings.push(...finding(manifest, more, context));
      break;
    }
  };
  if (duplicate !== undefined) found([duplicate]);
  // What stands after a syntax error was read wrongly.
  if (manifest.broken) return { manifest, findings };
  const candidate = candidateOf(manifest, context);
  if ('rule' in candidate) {
    found([candidate]);
    return { manifest, findings };
  }
  for (const each of CHECKS) found(each(candidate, context));
  const { data, problems } = typed(candidate);
  found(problems);
  return { manifest, candidate, data, findings };
}

/** A value that readers disagree about has no type that could be wrong. */
function toldAlready({ rule, line, column }: Finding, findings: readonly Finding[]): boolean {
  if (rule !== 'schema') return false;
  return findings.some(
    (each) => each.rule === 'ambiguous-scalar' && each.line === line && each.column === column,
  );
}

function finding(manifest: Manifest, problem: Problem, context: RuleContext): readonly Finding[] {
  const { place } = manifest;
  const position =
    problem.at === 'name' ? place.positionOfName(problem.path) : place.positionOf(problem.path);
  return built(manifest, problem, position, place.excerpt(position), context);
}

function textFinding(manifest: Manifest, problem: TextProblem, context: RuleContext): readonly Finding[] {
  const position = manifest.text.position(problem.offset);
  const excerpt = manifest.place.excerpt(position);
  const shown = excerpt === undefined ? { ...problem, ...problem.discreet } : problem;
  return built(manifest, shown, position, excerpt, context);
}

function built(
  { place, id }: Manifest,
  { rule, level, message, hint }: Pick<Problem, 'rule' | 'level' | 'message' | 'hint'>,
  { line, column }: Position,
  excerpt: string | undefined,
  { settings }: RuleContext,
): readonly Finding[] {
  const set = RULES[rule].fixed ? undefined : settings.rules[rule];
  if (set === 'silent') return [];
  return [
    {
      level: set ?? level ?? RULES[rule].level,
      rule,
      file: place.file,
      line,
      column,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(id === undefined ? {} : { object: id }),
    },
  ];
}
