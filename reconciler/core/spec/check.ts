import { ignoredRules } from '../lint/ignored-rules.ts';
import { type Finding, messageAt, placeAt } from './finding.ts';
import type { Manifest } from './manifest.ts';
import { pathText, type Problem, type TextProblem } from './problem.ts';
import { exemptions } from './rules/exemptions.ts';
import { ignoredFields } from './rules/ignored-fields.ts';
import { candidateOf, isForeign } from './rules/kind.ts';
import { kubernetesSchema } from './rules/kubernetes-schema.ts';
import { mode } from './rules/mode.ts';
import { driversRegistry } from './rules/drivers-registry.ts';
import { labels, names } from './rules/names.ts';
import { namespaces } from './rules/namespaces.ts';
import { typed } from './rules/own-schema.ts';
import { operationDone } from './rules/operation-done.ts';
import { reserved } from './rules/reserved.ts';
import type { Candidate, Check, RuleContext } from './rules/rule-context.ts';
import { isRuleName, RULES } from './rules/rules.ts';
import { settingsRules } from './rules/settings-rules.ts';
import { isSealed, sealedFault } from './sealed.ts';
import type { Position } from './source.ts';
import { TEMPLATE } from './yaml-errors.ts';

const CHECKS: readonly Check[] = [
  names,
  namespaces,
  labels,
  reserved,
  kubernetesSchema,
  mode,
  settingsRules,
  driversRegistry,
  exemptions,
  ignoredFields,
  operationDone,
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
  const template = manifest.problems.find(({ hint }) => hint === TEMPLATE);
  const problems = template === undefined ? manifest.problems : [template];
  // Another program's file, on which nothing of a cluster depends.
  const foreign = isForeign(manifest);
  const findings = problems.flatMap((each) => {
    const lower = foreign && each.rule !== 'yaml-limits' ? ({ level: 'warning' } as const) : {};
    return told(textFinding(manifest, { ...each, ...lower }, context));
  });
  // What is wrong with a value that merges and aliases repeat is told where they found it, once.
  const places = new Set<string>();
  const found = (all: Iterable<Problem>): void => {
    for (const problem of all) {
      for (const each of told(finding(manifest, problem, context))) {
        const fault = each.message.replace(pathText(problem.path), '');
        const place = [each.rule, each.file, each.line, each.column, fault].join(' ');
        if (places.has(place) || toldAlready(each, findings)) continue;
        places.add(place);
        findings.push(each);
      }
      if (findings.length < MAX_FINDINGS) continue;
      const message = `The manifest has ${MAX_FINDINGS} findings or more; the rest are not told.`;
      const more = { rule: 'more-findings', path: [], message, hint: 'Mend the others first.' } as const;
      findings.push(...finding(manifest, more, context));
      break;
    }
  };
  if (duplicate !== undefined) found([duplicate]);
  // What stands after a syntax error was read wrongly, and so was what a template stands for.
  if (manifest.broken || template !== undefined) return { manifest, findings, silenced };
  const candidate = candidateOf(manifest, context);
  if ('rule' in candidate) {
    found([candidate]);
    return { manifest, findings, silenced };
  }
  for (const each of CHECKS) found(each(candidate, context));
  const { data, problems: wrong } = typed(candidate);
  found(wrong);
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
  const { sealed, closed } = manifest;
  const place = placeAt(manifest.place, problem.path);
  const hidden = problem.at !== 'name' && sealed !== undefined && isSealed(sealed, problem.path);
  // What is encrypted still may well be right.
  if (hidden && closed === true) return [];
  const position =
    problem.at === 'name' ? place.positionOfName(problem.path) : place.positionOf(problem.path);
  const source =
    problem.asWritten === undefined || hidden || place.isHidden?.(position) === true
      ? undefined
      : place.written?.(problem.path);
  const said = hidden
    ? { ...problem, ...sealedFault(problem.path) }
    : { ...problem, ...(source === undefined ? {} : problem.asWritten?.(source)) };
  const message = messageAt(manifest.place, problem.path, said.message);
  const excerpt = place.excerpt(position);
  return built({ place, id: manifest.id }, { ...said, message }, position, excerpt, context);
}

function textFinding(manifest: Manifest, problem: TextProblem, context: RuleContext): readonly Finding[] {
  if (isSilent(problem, context)) return [];
  const position = manifest.text.position(problem.offset);
  const { place, text } = manifest;
  const excerpt = place.excerpt(position);
  const hidden = excerpt === undefined || place.isHidden?.(position) === true;
  if (!hidden) return built(manifest, problem, position, excerpt, context);
  // Where a text is wrong need not be where a value begins: what stands before it is no key for certain.
  const covered = excerpt === undefined ? undefined : text.coveredExcerpt(position);
  return built(manifest, { ...problem, ...problem.discreet }, position, covered, context);
}

function built(
  { place, id }: Pick<Manifest, 'place' | 'id'>,
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
