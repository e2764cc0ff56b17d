import { record, records } from '../kube/json.ts';
import { type Labels, type LabelSelector, selects } from './label-selector.ts';

/** A required term of affinity or anti-affinity between pods, with all that depends on its own pod filled in. */
export interface PodTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector | undefined;
  readonly namespaces: readonly string[];
  /** Further namespaces, by their labels; an empty selector means all. */
  readonly namespaceSelector?: LabelSelector;
}

/** Labels of namespaces, by name. What is not known has the label that every namespace has. */
export type NamespaceLabels = ReadonlyMap<string, Labels>;

/** Whether a term speaks of a pod with these labels. */
export function speaksOf(
  term: PodTerm,
  pod: { readonly namespace: string; readonly labels: Labels },
  known: NamespaceLabels,
): boolean {
  return selects(term.selector, pod.labels) && isWithin(term, pod.namespace, known);
}

function isWithin(
  { namespaces, namespaceSelector }: PodTerm,
  namespace: string,
  known: NamespaceLabels,
): boolean {
  if (namespaces.includes(namespace)) return true;
  if (namespaceSelector === undefined) return false;
  return selects(namespaceSelector, known.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace });
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** The required terms of `podAffinity` or `podAntiAffinity` of a pod with these labels. */
export function podTerms(
  affinity: unknown,
  of: 'podAffinity' | 'podAntiAffinity',
  pod: { readonly namespace: string; readonly labels: Labels },
): readonly PodTerm[] {
  return records(record(record(affinity)[of])[REQUIRED]).map((term) => {
    const { topologyKey, labelSelector, namespaces, namespaceSelector, matchLabelKeys, mismatchLabelKeys } =
      term;
    const names = strings(namespaces);
    // Neither named nor selected: the namespace of the pod itself.
    const own = names.length === 0 && namespaceSelector === undefined;
    return {
      topologyKey: String(topologyKey),
      selector: withLabelKeys(labelSelector, pod.labels, strings(matchLabelKeys), strings(mismatchLabelKeys)),
      namespaces: own ? [pod.namespace] : names.toSorted(),
      ...(namespaceSelector !== undefined && { namespaceSelector: record(namespaceSelector) }),
    };
  });
}

/** A selector that also holds the values which the pod itself has for some labels, as the API server adds them. */
export function withLabelKeys(
  selector: unknown,
  labels: Labels,
  match: readonly string[],
  mismatch: readonly string[] = [],
): LabelSelector | undefined {
  if (selector === undefined || selector === null) return undefined;
  const given: LabelSelector = record(selector);
  const more = [
    ...match.map((key) => ({ key, operator: 'In' })),
    ...mismatch.map((key) => ({ key, operator: 'NotIn' })),
  ]
    .filter(({ key }) => labels[key] !== undefined)
    .map(({ key, operator }) => ({ key, operator, values: [labels[key] ?? ''] }));
  if (more.length === 0) return given;
  return { ...given, matchExpressions: [...(given.matchExpressions ?? []), ...more] };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
