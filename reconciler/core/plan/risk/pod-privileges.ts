import { isFixedHostPath } from '../../desired/container-pod.ts';
import { record, records } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { podSpec } from '../../kube/references.ts';
import { containerPrivileges, NETWORK, type Privilege } from './container-privileges.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the pods of `after` may do to their nodes and those of `before` may not. */
export function gainedByPods(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const had = new Set(before === undefined ? [] : privileges(before).map(({ words }) => words));
  return privileges(after)
    .filter(({ words, within }) => !had.has(words) && !within.some((each) => had.has(each)))
    .map(({ words }) => words)
    .filter((words, index, all) => all.indexOf(words) === index);
}

function privileges(object: KubeObject): readonly Privilege[] {
  const pod = podSpec(object);
  if (pod === undefined) return [];
  const context = record(pod['securityContext']);
  const containers = [...records(pod['initContainers']), ...records(pod['containers'])];
  const annotations = podAnnotations(object);
  return [
    ...containers.flatMap((container) => containerPrivileges(container, context, annotations)),
    ...hostPaths(object, records(pod['volumes']), containers),
    ...(['hostNetwork', 'hostPID', 'hostIPC'] as const)
      .filter((field) => pod[field] === true)
      .map((field) => simple(HOST_WORDS[field])),
    ...records(context['sysctls']).flatMap(({ name }) =>
      SAFE_SYSCTLS.has(String(name)) ? [] : [simple(`sysctl ${String(name)}`)],
    ),
  ];
}

const HOST_WORDS = {
  hostNetwork: NETWORK,
  hostPID: 'processes of the node',
  hostIPC: 'shared memory of the node',
} as const;

/** Those that concern a pod alone, and that Pod Security lets any pod set. */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** Annotations of the pods that an object runs, wherever its kind keeps them. */
function podAnnotations(object: KubeObject): Json {
  const spec = record(object['spec']);
  const inJob = object.kind === 'CronJob' ? record(record(spec['jobTemplate'])['spec']) : spec;
  const owner = object.kind === 'Pod' ? object : record(inJob['template']);
  return record(record(owner.metadata)['annotations']);
}

/**
 * Paths of the node. Those that a pod of WEKA has by its mode are none that its manifest asked for: they are fixed, read only,
 * and hold what any user of the node may read, the kernel's headers and modules. So they would only make a
 * reviewer used to the warning. A pod that only says it is one gets no more by it.
 */
function hostPaths(object: KubeObject, volumes: readonly Json[], containers: readonly Json[]): Privilege[] {
  const mode = object.kind === 'Pod' ? object.metadata.labels?.['weka.io/mode'] : undefined;
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
    return isFixedHostPath(mode, path) ? [] : [{ words, within: [`host path ${path}`] }];
  });
}

function simple(words: string): Privilege {
  return { words, within: [] };
}
