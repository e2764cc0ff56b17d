import { type KubeObject, objectId } from '../core/kube/object.ts';

/** What goes first, so that nothing works on while it loses its rights, and nothing is let to do what a policy forbids. */
const FIRST = ['Deployment', 'CronJob', 'DaemonSet', 'PodMonitor', 'Service'];
const LAST = ['PriorityClass', 'ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'];

/** What an uninstallation removes, in its order, and the namespaces that it would remove if nothing else is in them. */
export interface Removal {
  readonly workloads: readonly KubeObject[];
  readonly rest: readonly KubeObject[];
  readonly namespaces: readonly KubeObject[];
}

/** Orders what was found of an installation. */
export function removalOf(found: readonly KubeObject[]): Removal {
  const sorted = found.toSorted((a, b) => (objectId(a) < objectId(b) ? -1 : 1));
  const of = (kinds: readonly string[]) =>
    kinds.flatMap((kind) => sorted.filter((object) => object.kind === kind));
  const others = sorted.filter(({ kind }) => ![...FIRST, ...LAST, 'Namespace'].includes(kind));
  return { workloads: of(FIRST), rest: [...others, ...of(LAST)], namespaces: of(['Namespace']) };
}
