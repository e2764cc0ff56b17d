import { record, records } from '../../kube/json.ts';
import { podSpec } from '../../kube/references.ts';
import { nearest } from '../../spec/nearest.ts';
import type { Spec } from '../../spec/spec.ts';
import { NodeIndex } from '../node-index.ts';
import type { Labels } from '../shared-nodes.ts';
import { describeReference, type Reference } from '../client/target-of.ts';
import { labelWords } from '../facts/shortages.ts';
import { labelOf, type ObjectLookup, objectLookup } from '../object-lookup.ts';
import type { SpecOf, SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { podLabels } from './pod-labels.ts';

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
    const find = objectLookup(set, 'Service');
    const looked = new Set<SpecOf<'object'>>();
    let pods: PodIndex | undefined;
    for (const { spec, address } of driversUsers(set)) {
      const problem = address?.service && problemOf(set, find, address.port, address.service);
      if (problem !== undefined) yield { spec, path: DRIVERS_PATH, ...problem };
      const service = address?.service && find(address.service);
      if (service === undefined || looked.has(service)) continue;
      looked.add(service);
      pods ??= podIndex(set);
      const idle = leadsNowhere(set, pods, service);
      if (idle !== undefined) yield { spec: service, path: ['spec', 'selector'], ...idle };
    }
  },
};

function problemOf(
  set: SpecSet,
  find: ObjectLookup,
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
  if (set.settings.external.services.includes(label)) return undefined;
  const policy = policyOf(set, namespace, name);
  if (policy === 'broken') return undefined;
  if (policy !== undefined && policy.policy.spec.type === DISTRIBUTES) {
    if (port === POLICY_PORT) return undefined;
    return {
      message: `The address names port ${port}, and the service of WekaPolicy ${policy.policy.metadata.name} (${policy.source}) has ${POLICY_PORT}.`,
      hint: `Write port ${POLICY_PORT}.`,
    };
  }
  return {
    message:
      policy === undefined
        ? `Service ${label} is not in the repository, and no WekaPolicy there makes it.`
        : `Service ${label} is not in the repository, and WekaPolicy ${policy.policy.metadata.name} (${policy.source}) of type ${policy.policy.spec.type} makes none.`,
    hint: () => {
      const near = nearest(label, servicesOf(set));
      return near === undefined
        ? `Add ${label} to external.services of Settings if it is in the cluster, or add the Service, or a WekaPolicy of type ${DISTRIBUTES}; one named NAME has the Service NAME-dist.`
        : `Write ${near} if that is meant, or add the Service.`;
    },
  };
}

/** Why a Service has nothing behind it: no pod that the repository asks for has its labels. */
function leadsNowhere(
  set: SpecSet,
  pods: PodIndex,
  service: SpecOf<'object'>,
): Pick<SpecProblem, 'message' | 'hint'> | undefined {
  const selector = record(record(service.manifest['spec'])['selector']) as Labels;
  // Without a selector, somebody else says where it leads; what is only broken may be what it leads to.
  if (Object.keys(selector).length === 0) return undefined;
  if (set.labels('WekaContainer').size > set.containers.length) return undefined;
  const { namespace = '' } = service.manifest.metadata;
  const made = set.policies.some(
    ({ policy: { metadata, spec } }) => spec.type === DISTRIBUTES && metadata.namespace === namespace,
  );
  if (made || pods.get(namespace)?.has(selector) === true) return undefined;
  return {
    message: `Service ${labelOf(service)} leads to no distribution container: none in the repository has ${labelWords(selector)}.`,
    hint: 'Add a WekaContainer of mode drivers-dist with these labels, or correct the selector.',
  };
}

/** Labels of the pods of each namespace that could answer a Service. */
type PodIndex = ReadonlyMap<string, NodeIndex<Labels>>;

function podIndex({ specs }: Pick<SpecSet, 'specs'>): PodIndex {
  const labels = specs.flatMap((spec) => {
    const own = labelsBehind(spec);
    return own === undefined ? [] : [{ namespace: spec.manifest.metadata.namespace ?? '', own }];
  });
  return new Map(
    [...Map.groupBy(labels, ({ namespace }) => namespace)].map(([namespace, all]) => [
      namespace,
      new NodeIndex(
        all.map(({ own }) => own),
        (own) => own,
      ),
    ]),
  );
}

function labelsBehind(spec: Spec): Labels | undefined {
  if (spec.kind === 'WekaContainer') {
    return spec.container.spec.mode === 'drivers-builder' ? undefined : podLabels(spec);
  }
  if (spec.kind !== 'object' || podSpec(spec.manifest) === undefined) return undefined;
  const template = record(record(spec.manifest['spec'])['template']);
  const { labels } = spec.manifest.kind === 'Pod' ? spec.manifest.metadata : record(template['metadata']);
  return record(labels) as Labels;
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
function servicesOf({ objectsOf, policies }: SpecSet): readonly string[] {
  const written = objectsOf('Service').map(({ manifest }) => manifest.metadata);
  const made = policies
    .filter(({ policy }) => policy.spec.type === DISTRIBUTES)
    .map(({ policy: { metadata } }) => ({ ...metadata, name: `${metadata.name}-dist` }));
  return [...written, ...made].map(({ namespace = '', name }) => describeReference({ namespace, name }));
}
