import type { KubeObject, ManagedFieldsEntry } from '../kube/object.ts';
import type { FieldPath } from './field-path.ts';
import { isOurs, subtree } from './managed-fields.ts';

/** Who has set a field, as a reader is told. */
export interface Writer {
  /** `by hand: kubectl edit`, `by an autoscaler: kube-controller-manager`, `by argocd`. */
  readonly by: string;
  /** When, as the API server has it; absent where it was not kept. */
  readonly at?: string;
}

type Entry = Pick<ManagedFieldsEntry, 'manager' | 'operation' | 'subresource'>;

/** Who among the managers of the name `manager` set the field at `path`, or something below it, last. */
export function writerOf(live: KubeObject, path: FieldPath, manager: string): Writer {
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) =>
      !isOurs(entry) &&
      (entry.manager ?? 'unknown') === manager &&
      entry.fieldsV1 !== undefined &&
      subtree(entry.fieldsV1, path) !== undefined,
  );
  const [last = { manager }] = entries.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return {
    by: describeManager(last),
    ...('time' in last && last.time !== undefined ? { at: last.time } : {}),
  };
}

/** How a field manager is told: what people do by hand, and what controllers do, is called so. */
export function describeManager({ manager = 'unknown', operation, subresource }: Entry): string {
  const kubectl = /^kubectl(?:-(.*))?$/.exec(manager);
  if (kubectl !== null) return `by hand: ${kubectlWords(kubectl[1], operation, subresource)}`;
  const program = PROGRAMS_OF_PEOPLE[manager.toLowerCase()];
  if (program !== undefined) return `by hand: ${program}`;
  if (subresource === 'scale') {
    return manager === 'kube-controller-manager'
      ? 'by an autoscaler: kube-controller-manager'
      : `by ${manager} through the scale subresource`;
  }
  if (CONTROLLERS.has(manager)) return `by a controller: ${manager}`;
  return TOOLS.has(manager.toLowerCase()) ? `by another deployment tool: ${manager}` : `by ${manager}`;
}

function kubectlWords(verb: string | undefined, operation: Entry['operation'], subresource?: string): string {
  if (verb === 'client-side-apply' || verb === 'last-applied') return 'kubectl apply';
  if (verb !== undefined) return `kubectl ${verb}`;
  // It names itself so where it has no name for the verb.
  if (subresource === 'scale') return 'kubectl scale';
  return operation === 'Apply' ? 'kubectl apply --server-side' : 'kubectl';
}

const PROGRAMS_OF_PEOPLE: Readonly<Record<string, string>> = {
  mozilla: 'a web console',
  k9s: 'k9s',
  lens: 'Lens',
  openlens: 'OpenLens',
  freelens: 'Freelens',
  headlamp: 'Headlamp',
  dashboard: 'the Kubernetes dashboard',
};

const CONTROLLERS: ReadonlySet<string> = new Set([
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'cloud-controller-manager',
  'cluster-autoscaler',
]);

const TOOLS: ReadonlySet<string> = new Set([
  'helm',
  'helm-controller',
  'kustomize-controller',
  'argocd-controller',
  'argocd-application-controller',
  'terraform',
  'pulumi-kubernetes',
]);
