import { record, records } from '../../kube/json.ts';

type Json = Readonly<Record<string, unknown>>;

/** Something that a pod may do to its node, in words, and others that each allow it as well. */
export interface Privilege {
  readonly words: string;
  readonly within: readonly string[];
}

/** The network of the node includes its ports. */
export const NETWORK = 'network of the node';

/** What `container` may do to its node; `pod` is the security context that all containers share. */
export function containerPrivileges(container: Json, pod: Json, annotations: Json): readonly Privilege[] {
  const context = record(container['securityContext']);
  const name = String(container['name']);
  const privileged = `privileged container ${name}`;
  const all = `capability ALL in container ${name}`;
  const added = record(context['capabilities'])['add'];
  const capabilities = (Array.isArray(added) ? added : []).map(
    (each) => `capability ${String(each)} in container ${name}`,
  );
  const others = [
    ...(mayBeRoot(context, pod) ? ['user 0 that may gain privileges'] : []),
    ...(record(context['seccompProfile'] ?? pod['seccompProfile'])['type'] === 'Unconfined'
      ? ['any system call']
      : []),
    ...(isOutsideAppArmor(context, pod, annotations[`${APPARMOR}${name}`]) ? ['no AppArmor profile'] : []),
    ...selinuxOptions(record(context['seLinuxOptions'] ?? pod['seLinuxOptions'])),
    ...(context['procMount'] === 'Unmasked' ? ['unmasked /proc'] : []),
  ].map((words) => `${words} in container ${name}`);
  return [
    ...(context['privileged'] === true ? [{ words: privileged, within: [] }] : []),
    ...(isHostProcess(context, pod)
      ? [{ words: `process of its node in container ${name}`, within: [] }]
      : []),
    ...capabilities.map((words) => ({ words, within: [privileged, all] })),
    ...others.map((words) => ({ words, within: [privileged] })),
    ...hostPorts(records(container['ports'])),
  ];
}

function mayBeRoot(context: Json, pod: Json): boolean {
  return (
    (context['runAsUser'] ?? pod['runAsUser']) === 0 &&
    (context['runAsNonRoot'] ?? pod['runAsNonRoot']) !== true &&
    context['allowPrivilegeEscalation'] !== false
  );
}

/** On Windows: what `privileged` is elsewhere. */
function isHostProcess(context: Json, pod: Json): boolean {
  const own = record(context['windowsOptions'])['hostProcess'];
  return (own ?? record(pod['windowsOptions'])['hostProcess']) === true;
}

/** The older form, which the API server takes for the field where that is not set. */
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function isOutsideAppArmor(context: Json, pod: Json, annotation: unknown): boolean {
  const profile = context['appArmorProfile'] ?? pod['appArmorProfile'];
  return record(profile)['type'] === 'Unconfined' || (profile === undefined && annotation === 'unconfined');
}

/** Types that Pod Security lets any pod have. */
const CONTAINER_TYPES: ReadonlySet<string> = new Set([
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

function selinuxOptions(options: Json): readonly string[] {
  return (['type', 'user', 'role'] as const).flatMap((field) => {
    const value = options[field];
    if (typeof value !== 'string' || value === '') return [];
    return field === 'type' && CONTAINER_TYPES.has(value) ? [] : [`SELinux ${field} ${value}`];
  });
}

function hostPorts(ports: readonly Json[]): readonly Privilege[] {
  return ports.flatMap(({ hostPort, protocol = 'TCP' }) =>
    typeof hostPort === 'number' && hostPort > 0
      ? [{ words: `port ${hostPort}/${String(protocol)} of the node`, within: [NETWORK] }]
      : [],
  );
}
