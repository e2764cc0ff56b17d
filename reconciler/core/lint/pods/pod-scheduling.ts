import { record, records } from '../../kube/json.ts';
import type { ValuePath } from '../../spec/source.ts';
import { quoted } from '../../spec/text.ts';
import { isLabelKey, isLabelValue } from '../label-syntax.ts';
import { type PodPart, podParts } from './pod-scheduling-fields.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';

/** What the API server checks of a pod's place beyond its schema (Kubernetes' validation of pods; cluster_podspec_syntax). */
export const podScheduling: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'No node can have such a label, and the API server refuses pods with such selectors, tolerations or spreads.',
  example: {
    wrong: 'spec:\n  tolerations: ["dedicated=weka:NoSchedule"]',
    right: 'spec:\n  tolerations: [dedicated]',
  },
  *check(set) {
    const { affinities, spreads, tolerations, taintKeys, nodeLabels, labelKeys } = podParts(set);
    yield* within(affinities, ofAffinity);
    yield* within(spreads, ofSpreads);
    yield* within(tolerations, ofTolerations);
    yield* within(taintKeys, ofTaintKeys);
    yield* within(nodeLabels, ofLabels);
    yield* within(labelKeys, ofLabelKey);
  },
};

type Problem = Omit<SpecProblem, 'spec'>;
type Look = (value: unknown) => Iterable<Problem>;

function* within(parts: readonly PodPart[], look: Look): Iterable<SpecProblem> {
  for (const { spec, path, value } of parts) {
    for (const problem of look(value)) yield { spec, ...problem, path: [...path, ...problem.path] };
  }
}

function* below(path: ValuePath, problems: Iterable<Problem>): Iterable<Problem> {
  for (const problem of problems) yield { ...problem, path: [...path, ...problem.path] };
}

function* ofTaintKeys(value: unknown): Iterable<Problem> {
  for (const [index, key] of (value as readonly string[]).entries()) {
    if (isLabelKey(key)) continue;
    yield {
      path: [index],
      message: `${quoted(key)} is no key of a taint.`,
      hint: /[=:]/.test(key)
        ? `Write ${/^[^=:]*/.exec(key)?.[0]} alone, or the whole taint in rawTolerations.`
        : 'Write the key alone, such as example.com/dedicated.',
    };
  }
}

function* ofTolerations(value: unknown): Iterable<Problem> {
  for (const [index, toleration] of records(value).entries()) {
    const { key = '', operator = 'Equal', value: wanted = '', effect, tolerationSeconds } = toleration;
    if (key === '' && operator !== 'Exists') {
      yield {
        path: [index],
        message: `A toleration without a key is for every taint, and its operator is ${String(operator)}.`,
        hint: 'Set operator to Exists, or name the key.',
      };
    }
    if (typeof key === 'string' && key !== '' && !isLabelKey(key)) {
      yield {
        path: [index, 'key'],
        message: `${quoted(key)} is no key of a taint.`,
        hint: 'Write the key alone, such as example.com/dedicated.',
      };
    }
    if (operator === 'Exists' && wanted !== '') {
      yield {
        path: [index, 'value'],
        message: 'A toleration with operator Exists is for every value, and can name none.',
        hint: 'Remove value, or set operator to Equal.',
      };
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      yield {
        path: [index, 'tolerationSeconds'],
        message: 'tolerationSeconds counts for the effect NoExecute only.',
        hint: 'Set effect to NoExecute, or remove tolerationSeconds.',
      };
    }
  }
}

function* ofSpreads(value: unknown): Iterable<Problem> {
  const seen = new Set<string>();
  for (const [index, spread] of records(value).entries()) {
    const { topologyKey, whenUnsatisfiable, minDomains, labelSelector, matchLabelKeys } = spread;
    const pair = `${String(topologyKey)} with ${String(whenUnsatisfiable)}`;
    if (seen.has(pair)) {
      yield {
        path: [index],
        message: `There are two spreads over ${pair}.`,
        hint: 'Make one of both.',
      };
    }
    seen.add(pair);
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      yield {
        path: [index, 'minDomains'],
        message: 'minDomains counts only where whenUnsatisfiable is DoNotSchedule.',
        hint: 'Remove minDomains, or set whenUnsatisfiable to DoNotSchedule.',
      };
    }
    if (matchLabelKeys !== undefined && labelSelector === undefined) {
      yield {
        path: [index, 'matchLabelKeys'],
        message: 'matchLabelKeys narrows labelSelector, and there is none.',
        hint: 'Set labelSelector too.',
      };
    }
    yield* below([index, 'labelSelector'], ofLabelSelector(labelSelector));
  }
}

function* ofAffinity(value: unknown): Iterable<Problem> {
  const { nodeAffinity, podAffinity, podAntiAffinity } = record(value);
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = record(nodeAffinity);
  const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
  const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
  if (required !== undefined) {
    const terms = records(record(required)['nodeSelectorTerms']);
    const path = ['nodeAffinity', REQUIRED, 'nodeSelectorTerms'];
    if (terms.length === 0) {
      yield { path, message: 'A required node affinity has no term.', hint: 'Add one, or remove it.' };
    }
    for (const [index, term] of terms.entries()) yield* below([...path, index], ofNodeTerm(term));
  }
  for (const [index, { preference }] of records(record(nodeAffinity)[PREFERRED]).entries()) {
    yield* below(['nodeAffinity', PREFERRED, index, 'preference'], ofNodeTerm(record(preference)));
  }
  for (const [name, rules] of Object.entries({ podAffinity, podAntiAffinity })) {
    for (const [index, term] of records(record(rules)[REQUIRED]).entries()) {
      yield* below([name, REQUIRED, index], ofPodTerm(term));
    }
    for (const [index, { podAffinityTerm }] of records(record(rules)[PREFERRED]).entries()) {
      yield* below([name, PREFERRED, index, 'podAffinityTerm'], ofPodTerm(record(podAffinityTerm)));
    }
  }
}

function* ofPodTerm(term: Readonly<Record<string, unknown>>): Iterable<Problem> {
  for (const field of ['labelSelector', 'namespaceSelector'])
    yield* below([field], ofLabelSelector(term[field]));
}

function* ofLabelSelector(value: unknown): Iterable<Problem> {
  const { matchLabels, matchExpressions } = record(value);
  yield* below(['matchLabels'], ofLabels(record(matchLabels)));
  for (const [index, condition] of records(matchExpressions).entries()) {
    yield* below(['matchExpressions', index], ofCondition(condition));
  }
}

function* ofNodeTerm({
  matchExpressions,
  matchFields,
}: Readonly<Record<string, unknown>>): Iterable<Problem> {
  for (const [index, condition] of records(matchExpressions).entries()) {
    yield* below(['matchExpressions', index], ofCondition(condition));
  }
  for (const [index, { key, operator, values }] of records(matchFields).entries()) {
    const one = Array.isArray(values) && values.length === 1;
    if (key === 'metadata.name' && (operator === 'In' || operator === 'NotIn') && one) continue;
    yield {
      path: ['matchFields', index],
      message: 'matchFields compares metadata.name with one name, by In or NotIn, and nothing else.',
      hint: 'Write it so, or use a label in matchExpressions.',
    };
  }
}

function* ofCondition({ key, operator, values }: Readonly<Record<string, unknown>>): Iterable<Problem> {
  if (typeof key === 'string' && !isLabelKey(key)) {
    yield { path: ['key'], ...notAKey(key) };
  }
  const given = Array.isArray(values) ? (values as readonly unknown[]) : [];
  if ((operator === 'In' || operator === 'NotIn') && given.length === 0) {
    yield { path: [], message: `${operator} compares with values, and there are none.`, hint: 'Set values.' };
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && given.length > 0) {
    yield {
      path: ['values'],
      message: `${operator} asks for the label alone, and can have no values.`,
      hint: 'Remove values, or compare with In or NotIn.',
    };
  }
  if (operator === 'Gt' || operator === 'Lt') {
    if (given.length === 1 && typeof given[0] === 'string' && /^-?\d+$/.test(given[0])) return;
    yield {
      path: given.length === 0 ? [] : ['values'],
      message: `${operator} compares with one whole number.`,
      hint: 'Set values to one number in quotes.',
    };
    return;
  }
  for (const [index, each] of given.entries()) {
    if (typeof each !== 'string' || isLabelValue(each)) continue;
    yield notAValue(['values', index], each);
  }
}

function* ofLabelKey(value: unknown): Iterable<Problem> {
  if (typeof value !== 'string' || value === '' || isLabelKey(value)) return;
  yield { path: [], ...notAKey(value) };
}

function notAKey(key: string): Pick<Problem, 'message' | 'hint'> {
  return {
    message: `${quoted(key)} is no key of a label.`,
    hint: 'Write it as it stands on the object, such as example.com/rack.',
  };
}

function* ofLabels(value: unknown): Iterable<Problem> {
  for (const [key, label] of Object.entries(record(value))) {
    if (!isLabelKey(key)) {
      yield { path: [key], at: 'name', ...notAKey(key) };
    }
    if (typeof label === 'string' && !isLabelValue(label)) yield notAValue([key], label);
  }
}

function notAValue(path: ValuePath, value: string): Problem {
  return {
    path,
    message: `${quoted(value)} is no value of a label, so nothing can have it.`,
    hint: 'Write up to 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends.',
  };
}
