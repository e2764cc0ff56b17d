import type { ClusterSpec } from '../../../schemas/weka/cluster-spec.ts';
import type { Labels, LabelSelector } from './label-selector.ts';
import { withLabelKeys } from './pod-term.ts';
import type { Spread } from './wanted.ts';

/** A constraint as manifests write it. */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly minDomains?: number | undefined;
  readonly nodeAffinityPolicy?: string | undefined;
  readonly nodeTaintsPolicy?: string | undefined;
}

/** A constraint that must hold, for a pod with these labels; none where it need not. */
export function spreadOf(constraint: SpreadConstraint, pod: { readonly labels: Labels }): readonly Spread[] {
  if (constraint.whenUnsatisfiable !== 'DoNotSchedule') return [];
  const { topologyKey, maxSkew, minDomains = 1, labelSelector, matchLabelKeys = [] } = constraint;
  return [
    {
      topologyKey,
      maxSkew,
      minDomains,
      selector: withLabelKeys(labelSelector, pod.labels, matchLabelKeys),
      anyNode: constraint.nodeAffinityPolicy === 'Ignore',
      heedsTaints: constraint.nodeTaintsPolicy === 'Honor',
    },
  ];
}

const SPREADING: readonly string[] = ['compute', 'drive', 's3'];

/** Spread over failure domains, where one label names them (weka-operator §2.4). */
export function failureDomainSpread(
  domain: ClusterSpec['failureDomain'],
  mode: string,
  { labels }: { readonly labels: Labels },
): readonly Spread[] {
  const { label, skew, compositeLabels = [] } = domain ?? {};
  if (!label || compositeLabels.length > 0 || !SPREADING.includes(mode)) return [];
  const selector = {
    matchLabels: {
      'weka.io/cluster-name': labels['weka.io/cluster-name'] ?? '',
      'weka.io/mode': mode,
    },
  };
  return [
    { topologyKey: label, maxSkew: skew || 1, minDomains: 1, selector, anyNode: false, heedsTaints: false },
  ];
}

/** Labels to spread over as far as possible: those that name failure domains together, or else of soft constraints. */
export function softSpreadKeys(
  domain: ClusterSpec['failureDomain'],
  constraints: readonly SpreadConstraint[],
): readonly string[] {
  const { label, compositeLabels = [] } = domain ?? {};
  if (compositeLabels.length > 0) return compositeLabels;
  if (label) return [label];
  const soft = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'DoNotSchedule');
  return [...new Set(soft.map(({ topologyKey }) => topologyKey))];
}
