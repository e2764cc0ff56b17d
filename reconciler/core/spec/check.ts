import { ignoredRules } from '../lint/ignored-rules.ts';
import { type Finding, messageAt } from './finding.ts';
import type { Manifest } from './manifest.ts';
import { pathText, type Problem, type TextProblem } from './problem.ts';
import { exemptions } from './rules/exemptions.ts';
import { ignoredFields } from './rules/ignored-fields.ts';
import { candidateOf } from './rules/kind.ts';
import { kubernetesSchema } from './rules/kubernetes-schema.ts';
import { mode } from './rules/mode.ts';
import { labels, names } from './rules/names.ts';
import { namespaces } from './rules/namespaces.ts';
import { typed } from './rules/own-schema.ts';
import { reserved } from './rules/reserved.ts';
import type { Candidate, Check, RuleContext } from './rules/rule-context.ts';
import { isRuleName, RULES } from './rules/rules.ts';
import { settingsRules } from './rules/settings-rules.ts';
import { isSealed } from './sealed.ts';
import type { Position } from './source.ts';

const CHECKS: readonly Check[] = [
  names,
  namespaces,
  labels,
  reserved,
  kubernetesSchema,
  mode,
  settingsRules,
  exemptions,
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
  /** Findings that the object's annotation silences. */
  readonly silenced: number;
}

export function check(manifest: Manifest, context: RuleContext, duplicate: Problem | undefined): Checked {
  const exempt = ignoredRules(manifest.value).rules;
  let silenced = 0;
  const told = (all: readonly Finding[]): readonly Finding[] =>
    all.filter(({ rule }) => {
      if (!exempt.has(rule) || !isRuleName(rule) || RULES[rule].fixed) return true;
      silenced += 1;
      return false;
    });
  const findings = manifest.problems.flatMap((problem) => told(textFinding(manifest, problem, context)));
  const found = (problems: Iterable<Problem>): void => {
    for (const problem of problems) {
      const all = told(finding(manifest, problem, context));
      findings.push(...all.filter((each) => !toldAlready(each, findings)));
      if (findings.length < MAX_FINDINGS) continue;
      const message = `The manifest has ${MAX_FINDINGS} findings or more; the rest are not told.`;
      const more = { rule: 'more-findings', path: [], message, hint: 'Mend the others first.' } as const;
      findings.push(...finding(manifest, more, context));
      break;
    }
  };
  if (duplicate !== undefined) found([duplicate]);
  // What stands after a syntax error was read wrongly.
  if (manifest.broken) return { manifest, findings, silenced };
  const candidate = candidateOf(manifest, context);
  if ('rule' in candidate) {
    found([candidate]);
    return { manifest, findings, silenced };
  }
  for (const each of CHECKS) found(each(candidate, context));
  const { data, problems } = typed(candidate);
  found(problems);
  return { manifest, candidate, data, findings, silenced };
}

/** A value that readers disagree about has no type that could be wrong. */
function toldAlready({ rule, line, column }: Finding, findings: readonly Finding[]): boolean {
  if (rule !== 'schema') return false;
  return findings.some(
    (each) => each.rule === 'ambiguous-scalar' && each.line === line && each.column === column,
  );
}

function finding(manifest: Manifest, problem: Problem, context: RuleContext): readonly Finding[] {
  // Its place would be looked for in vain.
  if (isSilent(problem, context)) return [];
  const { place, sealed, closed } = manifest;
  const hidden = problem.at !== 'name' && sealed !== undefined && isSealed(sealed, problem.path);
  // What is encrypted still may well be right.
  if (hidden && closed === true) return [];
  const position =
    problem.at === 'name' ? place.positionOfName(problem.path) : place.positionOf(problem.path);
  const said = hidden ? { ...problem, ...discreet(problem) } : problem;
  const message = messageAt(place, problem.path, said.message);
  return built(manifest, { ...said, message }, position, place.excerpt(position), context);
}

/** What is said of a value that is encrypted in the repository: which it is, and never what it is. */
function discreet({ path }: Problem): Pick<Problem, 'message' | 'hint'> {
  return {
    message: `The value of ${pathText(path)} is not valid; it is encrypted in the repository, so it is not shown.`,
    hint: 'Look at it with `sops`, and encrypt a valid one.',
  };
}

function textFinding(manifest: Manifest, problem: TextProblem, context: RuleContext): readonly Finding[] {
  if (isSilent(problem, context)) return [];
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
  const set = setLevel(rule, settings);
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

function isSilent({ rule }: Pick<Problem, 'rule'>, { settings }: RuleContext): boolean {
  return setLevel(rule, settings) === 'silent';
}

/** The level that Settings give a rule in place of its own. */
function setLevel(rule: Problem['rule'], { rules }: RuleContext['settings']) {
  return RULES[rule].fixed ? undefined : rules[rule];
}
