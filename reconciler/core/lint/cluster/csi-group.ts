import { quoted } from '../../spec/text.ts';
import type { SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';
import { clusterLookup, describeReference, targetOf } from '../client/target-of.ts';

/** What Kubernetes lets the name of a CSI driver be. */
const LONGEST_DRIVER = 63;
const GROUP = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

interface Group {
  readonly spec: SpecProblem['spec'];
  readonly group: string;
  /** The cluster whose storage the driver gives. */
  readonly cluster: string;
  /** Whether a manifest says so: the name that a cluster gets by itself counts only where a driver is wanted. */
  readonly named: boolean;
}

/** The driver is `<group>.weka.io`, and so are its classes and pods named (weka-operator §2.8, CSI). */
export const csiGroup: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A CSI driver gives the storage of one cluster; of two with its name, one takes the other’s place.',
  example: {
    wrong:
      'kind: WekaCluster\nmetadata: { name: one }\nspec:\n  csiConfig: { csiGroup: hall }\n---\nkind: WekaCluster\nmetadata: { name: two }\nspec:\n  csiConfig: { csiGroup: hall }',
    right:
      'kind: WekaCluster\nmetadata: { name: one }\nspec:\n  csiConfig: { csiGroup: hall-1 }\n---\nkind: WekaCluster\nmetadata: { name: two }\nspec:\n  csiConfig: { csiGroup: hall-2 }',
  },
  *check(set) {
    const first = new Map<string, Group>();
    for (const each of groups(set)) {
      const { spec, group, cluster, named } = each;
      const path = ['spec', 'csiConfig', 'csiGroup'];
      const driver = `${group}.weka.io`;
      if (named && (!GROUP.test(group) || driver.length > LONGEST_DRIVER)) {
        yield {
          spec,
          path,
          message: `${quoted(driver)} is no name of a CSI driver.`,
          hint: `Set csiGroup to ${LONGEST_DRIVER - '.weka.io'.length} small letters, digits, dots and dashes at most.`,
        };
      }
      const other = first.get(group);
      if (other === undefined) first.set(group, each);
      else if (other.cluster !== cluster) {
        yield {
          spec,
          path,
          message: `CSI driver ${driver} is to give the storage of ${cluster}, and of ${other.cluster} (${other.spec.source}) too.`,
          hint: 'Set another csiGroup.',
        };
      }
    }
  },
};

/** Groups that manifests name; one that is derived from a cluster's name is its own. */
function* groups(set: SpecSet): Iterable<Group> {
  for (const spec of set.clusters) {
    const { metadata, spec: cluster } = spec.cluster;
    const named = cluster.csiConfig?.csiGroup;
    const group = named || `${metadata.name}.${metadata.namespace}`;
    yield { spec, group, cluster: describeReference(metadata), named: Boolean(named) };
  }
  const find = clusterLookup(set);
  for (const spec of set.clients) {
    const { metadata, spec: client } = spec.client;
    const group = client.csiConfig?.csiGroup;
    if (!group) continue;
    const target = targetOf(client);
    const cluster = find(target)?.cluster.metadata ?? target;
    const joined = client.joinIpPorts?.toSorted().join(', ') ?? describeReference(metadata);
    yield { spec, group, cluster: cluster === undefined ? joined : describeReference(cluster), named: true };
  }
}
