import { unknownCluster } from '../client/unknown-cluster.ts';
import type { SpecRule } from '../spec-rule.ts';

export const operationTarget: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Work for a cluster that nobody knows is never done.',
  example: {
    wrong:
      'kind: WekaManualOperation\nspec:\n  action: migrate-to-drive-sharing\n  payload:\n    migrateToDriveSharingPayload: { cluster: { name: demo, namespace: weka } }',
    right:
      'kind: WekaCluster\nspec: {}\n---\nkind: WekaManualOperation\nspec:\n  action: migrate-to-drive-sharing\n  payload:\n    migrateToDriveSharingPayload: { cluster: { name: demo, namespace: weka } }',
  },
  *check(set) {
    const payloads = [
      ...set.policies.map((spec) => ({ spec, payload: spec.policy.spec.payload })),
      ...set.operations.map((spec) => ({ spec, payload: spec.operation.spec.payload })),
    ];
    for (const { spec, payload } of payloads) {
      const migrated =
        'migrateToDriveSharingPayload' in payload ? payload.migrateToDriveSharingPayload : undefined;
      const named = {
        remoteTracesSessionPayload: payload.remoteTracesSessionPayload?.cluster,
        migrateToDriveSharingPayload: migrated?.cluster,
      };
      for (const [field, cluster] of Object.entries(named)) {
        if (cluster === undefined || cluster.name === '') continue;
        const problem = unknownCluster(set, cluster);
        if (problem === undefined) continue;
        yield { spec, path: ['spec', 'payload', field, 'cluster', 'name'], ...problem };
      }
    }
  },
};
