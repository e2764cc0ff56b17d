import { nearest } from '../../spec/nearest.ts';
import { record, records } from '../../kube/json.ts';
import { describeReference, type Reference } from '../client/target-of.ts';
import type { SpecOf, SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { type ServiceLookup, serviceLookup } from './service-lookup.ts';

/** Port of the Service that a policy makes (weka-operator §3.1). */
const POLICY_PORT = 60_002;
const DISTRIBUTES = 'enable-local-drivers-distribution';

/**
 * An admission policy of the operator: cluster_drivers_dist_service_exists (weka-operator §2.8). A Service that nobody
 * has in the repository may be there all the same, so this warns only.
 */
export const driversService: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Where no distribution service answers, containers wait for drivers for ever.',
  example: {
    wrong: 'spec:\n  driversDistService: https://drivers-dist.weka.svc.cluster.local:60002',
    right:
      'kind: WekaPolicy\nmetadata: { name: drivers }\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: {} }\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://drivers-dist.weka.svc.cluster.local:60002',
  },
  *check(set) {
    const find = serviceLookup(set);
    for (const { spec, address } of driversUsers(set)) {
      const problem = address?.service && problemOf(set, find, address.port, address.service);
      if (problem !== undefined) yield { spec, path: DRIVERS_PATH, ...problem };
    }
  },
};

function problemOf(
  set: SpecSet,
  find: ServiceLookup,
  port: number,
  { namespace, name }: Reference,
): Pick<SpecProblem, 'message' | 'hint'> | undefined {
  const label = describeReference({ namespace, name });
  if (set.has('Service', namespace, name)) {
    const service = find({ namespace, name });
    const ports = portsOf(service);
    if (service === undefined || ports.length === 0 || ports.includes(port)) return undefined;
    return {
      message: `The address names port ${port}, and Service ${label} (${service.source}) has ${ports.join(', ')}.`,
      hint: `Write port ${ports.includes(POLICY_PORT) ? POLICY_PORT : ports[0]}, or add port ${port} to the Service.`,
    };
  }
  const policy = policyOf(set, namespace, name);
  if (policy === 'broken') return undefined;
  if (policy !== undefined && policy.policy.spec.type === DISTRIBUTES) {
    if (port === POLICY_PORT) return undefined;
    return {
      message: `The address names port ${port}, and the service of WekaPolicy ${policy.policy.metadata.name} (${policy.source}) has ${POLICY_PORT}.`,
      hint: `Write port ${POLICY_PORT}.`,
    };
  }
  const near = nearest(label, servicesOf(set));
  return {
    message:
      policy === undefined
        ? `Service ${label} is not in the repository, and no WekaPolicy there makes it.`
        : `Service ${label} is not in the repository, and WekaPolicy ${policy.policy.metadata.name} (${policy.source}) of type ${policy.policy.spec.type} makes none.`,
    hint:
      near === undefined
        ? `Add the Service, or a WekaPolicy of type ${DISTRIBUTES}; one named NAME has the Service NAME-dist.`
        : `Write ${near} if that is meant, or add the Service.`,
  };
}

/** The policy whose Service has this name, as the operator calls it (weka-operator §3.4). */
function policyOf(
  set: SpecSet,
  namespace: string,
  service: string,
): SpecOf<'WekaPolicy'> | 'broken' | undefined {
  if (!service.endsWith('-dist')) return undefined;
  const name = service.slice(0, -'-dist'.length);
  const policy = set.policies.find(
    ({ policy: { metadata } }) => metadata.name === name && metadata.namespace === namespace,
  );
  return policy ?? (set.has('WekaPolicy', namespace, name) ? 'broken' : undefined);
}

function portsOf(service: SpecOf<'object'> | undefined): readonly number[] {
  return records(record(service?.manifest['spec'])['ports'])
    .map(({ port }) => port)
    .filter((port): port is number => typeof port === 'number');
}

/** Services that the repository has or makes, as namespace/name. */
function servicesOf({ objects, policies }: SpecSet): readonly string[] {
  const written = objects
    .filter(({ manifest }) => manifest.kind === 'Service')
    .map(({ manifest }) => manifest.metadata);
  const made = policies
    .filter(({ policy }) => policy.spec.type === DISTRIBUTES)
    .map(({ policy: { metadata } }) => ({ ...metadata, name: `${metadata.name}-dist` }));
  return [...written, ...made].map(({ namespace = '', name }) => describeReference({ namespace, name }));
}
