export type Labels = Readonly<Record<string, string>>;

/** A label selector as manifests write it. */
export interface LabelSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly LabelRequirement[] | undefined;
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether a selector chooses these labels. None chooses nothing, and an empty one everything, as in Kubernetes. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const { matchLabels, matchExpressions = [] } = selector;
  for (const key in matchLabels) {
    if (labels[key] !== matchLabels[key]) return false;
  }
  return matchExpressions.every((requirement) => holds(requirement, labels));
}

/** Whether a selector asks for nothing at all. */
export function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

/** Whether labels are as one requirement wants them; `Gt` and `Lt` compare whole numbers and are for nodes only. */
export function holds({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const [has, bound] = [wholeNumber(value), wholeNumber(values[0])];
      return operator === 'Gt' ? has > bound : has < bound;
    }
    default:
      return false;
  }
}

/** Not a number for anything else, so that no comparison with it holds. */
function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
}
