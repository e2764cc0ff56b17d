import { fixedHostPaths } from '../../desired/container-pod.ts';
import { record, records } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { podSpec } from '../../kube/references.ts';

type Json = Readonly<Record<string, unknown>>;

/** Something that a pod may do to its node, in words, and others that each allow it as well. */
interface Privilege {
  readonly words: string;
  readonly within: readonly string[];
}

/** What the pods of `after` may do to their nodes and those of `before` may not. */
export function gainedByPods(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const had = new Set(before === undefined ? [] : privileges(before).map(({ words }) => words));
  return privileges(after)
    .filter(({ words, within }) => !had.has(words) && !within.some((each) => had.has(each)))
    .map(({ words }) => words);
}

function privileges(object: KubeObject): readonly Privilege[] {
  const pod = podSpec(object);
  if (pod === undefined) return [];
  const containers = [...records(pod['initContainers']), ...records(pod['containers'])];
  return [
    ...containers.flatMap((container) => containerPrivileges(container, record(pod['securityContext']))),
    ...hostPaths(object, records(pod['volumes']), containers),
    ...(['hostNetwork', 'hostPID', 'hostIPC'] as const)
      .filter((field) => pod[field] === true)
      .map((field) => simple(HOST_WORDS[field])),
  ];
}

const HOST_WORDS = {
  hostNetwork: 'network of the node',
  hostPID: 'processes of the node',
  hostIPC: 'shared memory of the node',
} as const;

function containerPrivileges(container: Json, pod: Json): readonly Privilege[] {
  const context = record(container['securityContext']);
  const name = String(container['name']);
  const privileged = `privileged container ${name}`;
  const added = record(context['capabilities'])['add'];
  const all = `capability ALL in container ${name}`;
  const others = [
    ...(Array.isArray(added) ? added : []).map((each) => `capability ${String(each)} in container ${name}`),
    ...(mayBeRoot(context, pod) ? [`user 0 that may gain privileges in container ${name}`] : []),
    ...(record(context['seccompProfile'] ?? pod['seccompProfile'])['type'] === 'Unconfined'
      ? [`any system call in container ${name}`]
      : []),
    ...(context['procMount'] === 'Unmasked' ? [`unmasked /proc in container ${name}`] : []),
  ];
  return [
    ...(context['privileged'] === true ? [simple(privileged)] : []),
    ...others.map((words) => ({
      words,
      within: words.startsWith('capability ') ? [privileged, all] : [privileged],
    })),
  ];
}

function mayBeRoot(context: Json, pod: Json): boolean {
  return (
    (context['runAsUser'] ?? pod['runAsUser']) === 0 &&
    (context['runAsNonRoot'] ?? pod['runAsNonRoot']) !== true &&
    context['allowPrivilegeEscalation'] !== false
  );
}

/**
 * Paths of the node. Those that a pod of WEKA has by its mode are none that its manifest asked for: they are fixed, read only,
 * and hold what any user of the node may read, the kernel's headers and modules. So they would only make a
 * reviewer used to the warning. A pod that only says it is one gets no more by it.
 */
function hostPaths(object: KubeObject, volumes: readonly Json[], containers: readonly Json[]): Privilege[] {
  const fixed = object.kind === 'Pod' ? fixedHostPaths(object.metadata.labels?.['weka.io/mode']) : [];
  return volumes.flatMap((volume) => {
    const { path } = record(volume['hostPath']);
    if (typeof path !== 'string') return [];
    const writable = containers.some((container) =>
      records(container['volumeMounts']).some(
        (mount) => mount['name'] === volume['name'] && mount['readOnly'] !== true,
      ),
    );
    if (writable) return [simple(`host path ${path}`)];
    const words = `host path ${path}, read only`;
    return fixed.includes(path) ? [] : [{ words, within: [`host path ${path}`] }];
  });
}

function simple(words: string): Privilege {
  return { words, within: [] };
}
