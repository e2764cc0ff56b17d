import type { Facts } from '../facts/facts.ts';
import { parseObjectId } from '../kube/object.ts';
import { compareFindings, type Finding, finding, messageAt } from '../spec/finding.ts';
import { discreet } from '../spec/parse.ts';
import type { ParsedSpecs, Spec } from '../spec/spec.ts';
import { ignoredRules } from './ignored-rules.ts';
import { LINT_RULES } from './lint-rules.ts';
import type { LintRule, SpecOf, SpecProblem, SpecSet } from './spec-rule.ts';

/** Problems of one rule that are told; nobody reads more at once. */
const MAX_PROBLEMS = 100;

/**
 * Checks what the specs ask for together, and against `facts` of the cluster where they are given. A spec that breaks a
 * rule of level error is broken, as one that breaks its schema is: what it asked for before stays as it is.
 */
export function lint(parsed: ParsedSpecs, facts?: Facts): ParsedSpecs {
  const set = specSet(parsed);
  const exempt = exemptions();
  const findings: Finding[] = [];
  const wrong = new Set<Spec>();
  let { silenced } = parsed;
  for (const [name, rule] of Object.entries<LintRule>(LINT_RULES)) {
    const level = rule.fixed ? rule.level : (parsed.settings.spec.rules[name] ?? rule.level);
    if (level === 'silent') continue;
    const untold: SpecProblem[] = [];
    let count = 0;
    for (const problem of problemsOf(rule, set, facts)) {
      if (!rule.fixed && exempt(problem.spec, name)) {
        silenced += 1;
        continue;
      }
      if (level === 'error') wrong.add(problem.spec);
      count += 1;
      if (count > MAX_PROBLEMS) untold.push(problem);
      else findings.push(findingOf(problem, name, level));
    }
    const [next] = untold;
    if (next === undefined) continue;
    const message = `There are ${untold.length} more findings of the rule ${name}, this among them.`;
    findings.push(findingOf({ ...next, message, hint: 'Mend the others first.' }, 'more-findings', level));
  }
  if (findings.length === 0) return { ...parsed, silenced };
  const told = findings.map((finding) => discreet(finding, parsed.sealedTexts));
  return {
    ...parsed,
    specs: parsed.specs.filter((spec) => !wrong.has(spec)),
    broken: [...parsed.broken, ...[...wrong].map(({ id, source }) => ({ id, source }))],
    findings: [...parsed.findings, ...told].toSorted(compareFindings),
    silenced,
  };
}

/** Whether an object is exempt from a rule; each annotation is read once. */
function exemptions(): (spec: Spec, rule: string) => boolean {
  const known = new Map<Spec, ReadonlyMap<string, string>>();
  return (spec, rule) => {
    const found = known.get(spec) ?? ignoredRules(spec.manifest).rules;
    known.set(spec, found);
    return found.has(rule);
  };
}

function problemsOf(rule: LintRule, set: SpecSet, facts: Facts | undefined): Iterable<SpecProblem> {
  if ('check' in rule) {
    const isAnswered = facts !== undefined && rule.answeredBy?.(facts) === true;
    return isAnswered ? [] : rule.check(set);
  }
  return facts === undefined ? [] : rule.checkFacts(set, facts);
}

function findingOf(
  { spec, path, at, message, hint }: SpecProblem,
  rule: string,
  level: Finding['level'],
): Finding {
  const said = { level, rule, message, ...(hint === undefined ? {} : { hint }), object: spec.id };
  if (at !== 'name') return finding(spec.place, path, said);
  const { place } = spec;
  const position = place.positionOfName(path);
  const excerpt = place.excerpt(position);
  return {
    ...said,
    message: messageAt(place, path, message),
    file: place.file,
    ...position,
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

function specSet({ specs, broken, settings }: ParsedSpecs): SpecSet {
  const kinds = Map.groupBy(specs, ({ kind }) => kind);
  const of = <Kind extends Spec['kind']>(kind: Kind): readonly SpecOf<Kind>[] =>
    (kinds.get(kind) ?? []).filter((spec): spec is SpecOf<Kind> => spec.kind === kind);
  let known: ReadonlySet<string> | undefined;
  return {
    specs,
    clusters: of('WekaCluster'),
    clients: of('WekaClient'),
    containers: of('WekaContainer'),
    policies: of('WekaPolicy'),
    operations: of('WekaManualOperation'),
    approvals: of('Approval'),
    objects: of('object'),
    has: (kind, namespace, name) => {
      known ??= new Set([...specs, ...broken].map(keyOf));
      return known.has(`${kind}/${namespace}/${name}`);
    },
    settings: settings.spec,
  };
}

function keyOf({ id }: Pick<Spec, 'id'>): string {
  const { kind, namespace, name } = parseObjectId(id);
  return `${kind}/${namespace ?? ''}/${name}`;
}
