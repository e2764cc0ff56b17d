import type { Facts } from '../facts/facts.ts';
import { parseObjectId } from '../kube/object.ts';
import { compareFindings, type Finding, finding } from '../spec/finding.ts';
import { discreet } from '../spec/parse.ts';
import { isSealed, sealedFault, shortWords, withoutWords } from '../spec/sealed.ts';
import type { ParsedSpecs, Spec } from '../spec/spec.ts';
import { describeReference } from './client/target-of.ts';
import { ignoredRules } from './ignored-rules.ts';
import { LINT_RULES } from './lint-rules.ts';
import { labelOf } from './object-lookup.ts';
import { perSpec } from './per-spec.ts';
import type { LintRule, SpecOf, SpecProblem, SpecSet } from './spec-rule.ts';

/** Problems of one rule that are told; nobody reads more at once. */
const MAX_PROBLEMS = 100;

/**
 * Checks what the specs ask for together, and against `facts` of the cluster where they are given. A spec that breaks a
 * rule of level error is broken, as one that breaks its schema is: what it asked for before stays as it is.
 */
export function lint(parsed: ParsedSpecs, facts?: Facts): ParsedSpecs {
  const set = specSet(parsed);
  const findings: Finding[] = [];
  const wrong = new Set<Spec>();
  let { silenced } = parsed;
  for (const [name, rule] of Object.entries<LintRule>(LINT_RULES)) {
    const level = rule.fixed ? rule.level : (parsed.settings.spec.rules[name] ?? rule.level);
    if (level === 'silent') continue;
    const untold: SpecProblem[] = [];
    let count = 0;
    for (const problem of problemsOf(rule, set, facts)) {
      if (!rule.fixed && exemptions(problem.spec).has(name)) {
        silenced += 1;
        continue;
      }
      if (level === 'error') wrong.add(problem.spec);
      count += 1;
      if (count > MAX_PROBLEMS) untold.push(problem);
      else findings.push(findingOf(withoutValue(problem), name, level));
    }
    const [next] = untold;
    if (next === undefined) continue;
    const message = `There are ${untold.length} more findings of the rule ${name}, this among them.`;
    findings.push(findingOf({ ...next, message, hint: 'Mend the others first.' }, 'more-findings', level));
  }
  if (findings.length === 0) return { ...parsed, silenced };
  const words = parsed.specs.flatMap((spec) =>
    spec.sealed === undefined ? [] : shortWords(spec.manifest, spec.sealed),
  );
  const told = findings
    .map((finding) => discreet(finding, parsed.sealedTexts))
    .map((finding) => discreetWords(finding, words));
  return {
    ...parsed,
    specs: parsed.specs.filter((spec) => !wrong.has(spec)),
    broken: [...parsed.broken, ...[...wrong].map(({ id, source }) => ({ id, source }))],
    findings: [...parsed.findings, ...told].toSorted(compareFindings),
    silenced,
  };
}

/** The rules that an object is exempt from. */
const exemptions = perSpec(({ manifest }: Spec) => ignoredRules(manifest).rules);

function problemsOf(rule: LintRule, set: SpecSet, facts: Facts | undefined): Iterable<SpecProblem> {
  if ('check' in rule) {
    const isAnswered = facts !== undefined && rule.answeredBy?.(facts) === true;
    return isAnswered ? [] : rule.check(set);
  }
  return facts === undefined ? [] : rule.checkFacts(set, facts);
}

/** The problem without what it says of a value that is encrypted in the repository. */
function withoutValue(problem: SpecProblem): SpecProblem {
  const { spec, path, at } = problem;
  if (spec.sealed === undefined || at === 'name' || !isSealed(spec.sealed.paths, path)) return problem;
  return { ...problem, ...sealedFault(path) };
}

/** Values of other fields may be quoted beside that of their own place. */
function discreetWords(finding: Finding, words: readonly string[]): Finding {
  if (words.length === 0) return finding;
  const { message, hint } = finding;
  return {
    ...finding,
    message: withoutWords(message, words),
    ...(hint === undefined ? {} : { hint: withoutWords(hint, words) }),
  };
}

function findingOf(
  { spec, path, at, beside, message, hint: toDo }: SpecProblem,
  rule: string,
  level: Finding['level'],
): Finding {
  const hint = typeof toDo === 'function' ? toDo() : toDo;
  const said = { level, rule, message, ...(hint === undefined ? {} : { hint }), object: spec.id };
  return finding(spec.place, path, said, { at, beside });
}

/** What manifests ask for, as rules see it. */
export function specSet({
  specs,
  broken,
  settings,
}: Pick<ParsedSpecs, 'specs' | 'broken' | 'settings'>): SpecSet {
  const kinds = Map.groupBy(specs, ({ manifest }) => manifest.kind);
  const of = <Kind extends Spec['kind']>(kind: Kind, written: string = kind): readonly SpecOf<Kind>[] =>
    (kinds.get(written) ?? []).filter((spec): spec is SpecOf<Kind> => spec.kind === kind);
  const brokenIds = Map.groupBy(
    broken.map(({ id }) => parseObjectId(id)),
    ({ kind }) => kind,
  );
  const known = new Map<string, ReadonlySet<string>>();
  const labels = (kind: string): ReadonlySet<string> => {
    let found = known.get(kind);
    if (found === undefined) {
      const ids = brokenIds.get(kind) ?? [];
      const wrong = ids.map(({ namespace = '', name }) => describeReference({ namespace, name }));
      found = new Set([...(kinds.get(kind) ?? []).map(labelOf), ...wrong]);
      known.set(kind, found);
    }
    return found;
  };
  return {
    specs,
    clusters: of('WekaCluster'),
    clients: of('WekaClient'),
    containers: of('WekaContainer'),
    policies: of('WekaPolicy'),
    operations: of('WekaManualOperation'),
    approvals: of('Approval'),
    objectsOf: (kind) => of('object', kind),
    has: (kind, namespace, name) => labels(kind).has(describeReference({ namespace, name })),
    labels,
    settings: settings.spec,
  };
}
