import { DIST_PORT } from '../../../schemas/drivers/package.ts';
import { isRecord, record, records } from '../kube/json.ts';
import type { Spec } from '../spec/spec.ts';
import { containerLabels } from './container-labels.ts';

/** Type of the policies that make a distribution service and its builders (weka-operator §3.4). */
export const DISTRIBUTES = 'enable-local-drivers-distribution';

/** A Service of the repository behind which driver packages are. */
export interface DistService {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** What serves it: its Secrets are called so, with `-tls` and `-upload` after it. */
  readonly dist: string;
  /** Names of all that serve it, sorted: those of WekaContainers, or that of a policy's Deployment. */
  readonly served: readonly string[];
  /** The manifest that serves it: the first of those containers, or the policy. */
  readonly by: Extract<Spec, { kind: 'WekaContainer' | 'WekaPolicy' }>;
}

/** Where a builder, or whoever fetches, brings a package. */
export interface UploadPlace {
  /** `namespace/name` of the Service. */
  readonly service: string;
  readonly url: string;
  /** Name in the certificate of the server. */
  readonly serverName: string;
  /** Secret with what lets it upload, and whether it may be missing, since others keep it. */
  readonly secret: string;
  readonly isOurs: boolean;
}

/** What a policy's Service, Deployment and claim are called. */
export function policyServiceName(policy: string): string {
  return `${policy}-dist`;
}

/** The Secrets of what serves packages. */
export function tlsSecret(dist: string): string {
  return `${dist}-tls`;
}
export function uploadSecret(dist: string): string {
  return `${dist}-upload`;
}

/** The ConfigMap of what serves packages that says which of them are in use. */
export function inUseName(dist: string): string {
  return `${dist}-in-use`;
}

/** All distribution services that the repository makes, by their keys. */
export function distServices(specs: readonly Spec[]): ReadonlyMap<string, DistService> {
  const services = new Map<string, DistService>();
  for (const by of specs) {
    if (by.kind !== 'WekaPolicy' || by.policy.spec.type !== DISTRIBUTES) continue;
    const { namespace, name: policy } = by.policy.metadata;
    const name = policyServiceName(policy);
    services.set(`${namespace}/${name}`, {
      key: `${namespace}/${name}`,
      namespace,
      name,
      port: DIST_PORT,
      dist: name,
      served: [name],
      by,
    });
  }
  const serving = Map.groupBy(specs.filter(isServing), ({ container }) => container.metadata.namespace);
  if (serving.size === 0) return services;
  for (const { kind, manifest } of specs) {
    if (kind !== 'object' || manifest.kind !== 'Service') continue;
    const { name, namespace = '' } = manifest.metadata;
    const behind = (serving.get(namespace) ?? [])
      .filter(({ container }) => isSelected(record(manifest['spec'])['selector'], containerLabels(container)))
      .toSorted((a, b) => (a.container.metadata.name < b.container.metadata.name ? -1 : 1));
    const [by] = behind;
    if (by === undefined || services.has(`${namespace}/${name}`)) continue;
    services.set(`${namespace}/${name}`, {
      key: `${namespace}/${name}`,
      namespace,
      name,
      port: portOf(manifest['spec']),
      dist: by.container.metadata.name,
      served: behind.map(({ container }) => container.metadata.name),
      by,
    });
  }
  return services;
}

type ContainerSpec = Extract<Spec, { kind: 'WekaContainer' }>;

function isServing(spec: Spec): spec is ContainerSpec {
  return spec.kind === 'WekaContainer' && spec.container.spec.mode !== 'drivers-builder';
}

/** Without a selector, somebody else says where a Service leads. */
function isSelected(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isRecord(selector)) return false;
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

/** The port at which a Service serves packages. */
export function portOf(spec: unknown): number {
  const ports = records(record(spec)['ports']).flatMap(({ port }) =>
    typeof port === 'number' ? [port] : [],
  );
  return ports.includes(DIST_PORT) ? DIST_PORT : (ports[0] ?? DIST_PORT);
}

/** The names of a Service under which pods and agents know it; the last one is the longest. */
export function serviceNames({
  namespace,
  name,
}: Pick<DistService, 'namespace' | 'name'>): readonly string[] {
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, clusterName({ namespace, name })];
}

/** The name that certificates of distribution services are for, whatever the domain of the cluster is. */
export function clusterName({ namespace, name }: Pick<DistService, 'namespace' | 'name'>): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** How pods reach a Service: the domain of the cluster is completed by their resolver. */
export function serviceUrl({
  namespace,
  name,
  port,
}: Pick<DistService, 'namespace' | 'name' | 'port'>): string {
  return `https://${name}.${namespace}.svc:${port}`;
}

/** Where whoever makes packages for a service brings them. */
export function uploadPlace(service: DistService): UploadPlace {
  return {
    service: service.key,
    url: serviceUrl(service),
    serverName: clusterName(service),
    secret: uploadSecret(service.dist),
    isOurs: true,
  };
}

/**
 * Where the packages of a builder go that names `target`: a container that serves them, or a Service. What is not in the repository may be
 * kept by others under that very name.
 */
export function placeNamed(
  target: string,
  namespace: string,
  services: ReadonlyMap<string, DistService>,
  specs: readonly Spec[],
): UploadPlace {
  const [service] = [...services.values()]
    .filter((each) => each.namespace === namespace && (each.name === target || each.served.includes(target)))
    .toSorted((a, b) => Number(b.name === target) - Number(a.name === target) || (a.name < b.name ? -1 : 1));
  if (service !== undefined) {
    // A container that was named has a Secret of its own.
    const dist = service.served.includes(target) ? target : service.dist;
    return { ...uploadPlace(service), secret: uploadSecret(dist) };
  }
  const other = { namespace, name: target, port: DIST_PORT };
  const isOurs = specs.some(
    (spec) =>
      isServing(spec) &&
      spec.container.metadata.name === target &&
      spec.container.metadata.namespace === namespace,
  );
  return {
    service: `${namespace}/${target}`,
    url: serviceUrl(other),
    serverName: clusterName(other),
    secret: uploadSecret(target),
    isOurs,
  };
}
