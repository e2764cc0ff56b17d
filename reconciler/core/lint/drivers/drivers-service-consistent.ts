import type { SpecRule } from '../spec-rule.ts';
import { describeReference } from '../client/target-of.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';

/** The vendor's plugin asks for it: drivers_dist_service_validation and its _consistency (weka-operator §6.5). */
export const driversServiceConsistent: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A node has one driver at a time: from two services, clients and backends can get two builds of it.',
  example: {
    wrong:
      'kind: WekaCluster\nspec:\n  driversDistService: https://drivers.weka.io\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  driversDistService: https://drivers-dist.weka.svc.cluster.local:60002\n  targetCluster: { name: demo, namespace: weka }',
    right:
      'kind: WekaCluster\nspec:\n  driversDistService: https://drivers.weka.io\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  driversDistService: https://drivers.weka.io/\n  targetCluster: { name: demo, namespace: weka }',
  },
  *check(set) {
    const users = driversUsers(set);
    const bySpec = new Map(users.map((user) => [user.spec, user]));
    for (const { spec, cluster, address } of users) {
      const theirs = cluster && bySpec.get(cluster);
      if (cluster === undefined || theirs?.address === undefined || address === undefined) continue;
      if (theirs.address.text === address.text) continue;
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `Clients get drivers from ${address.text}, and their cluster ${describeReference(cluster.cluster.metadata)} (${cluster.source}) from ${theirs.address.text}.`,
        hint: 'Remove driversDistService here to have the one of the cluster.',
      };
    }
  },
};
