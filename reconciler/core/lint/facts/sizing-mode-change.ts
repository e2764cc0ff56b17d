import { isWritten } from '../written.ts';
import type { FactRule } from '../spec-rule.ts';
import { runningPods } from './running-pods.ts';

/** Annotation that lets the operator move a cluster to shared drives (weka-operator §4.2). */
const MIGRATION = 'weka.io/sizing-mode-migration';

export const sizingModeChange: FactRule = {
  level: 'error',
  fixed: false,
  why: 'Containers of one cluster use whole drives or shared ones, and what runs is not turned into the other by a change of the template.',
  facts: 'A drive container of the cluster runs with 2 whole drives.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { containerCapacity: 4000 }',
    right: 'spec:\n  dynamicTemplate: { numDrives: 2 }',
  },
  *checkFacts(set, facts) {
    const running = runningPods(facts);
    for (const spec of set.clusters) {
      const { metadata, spec: cluster } = spec.cluster;
      const pods = running('WekaCluster', metadata);
      const { containerCapacity, driveCapacity, clusterCapacity } = cluster.dynamicTemplate;
      const field = containerCapacity ? 'containerCapacity' : driveCapacity ? 'driveCapacity' : undefined;
      // Whether a capacity of the whole cluster is had from whole or shared drives, is not in the template.
      if (clusterCapacity !== undefined) continue;
      const wantsShared = field !== undefined;
      const other = pods.find(({ requests }) =>
        wantsShared ? requests.drives > 0 : requests.tlcGiB + requests.qlcGiB > 0,
      );
      if (other === undefined) continue;
      if (wantsShared && metadata.annotations?.[MIGRATION] === 'drive-sharing') continue;
      const numDrives = isWritten(spec, 'spec', 'dynamicTemplate', 'numDrives');
      yield {
        spec,
        path: [
          'spec',
          'dynamicTemplate',
          ...(field === undefined ? (numDrives ? ['numDrives'] : []) : [field]),
        ],
        message: wantsShared
          ? `Cluster ${metadata.name} would change to shared drives, and pod ${other.name} of it uses whole ones.`
          : `Cluster ${metadata.name} would change to whole drives, and pod ${other.name} of it uses shared ones.`,
        hint: wantsShared
          ? 'Remove the capacity, or migrate with a WekaManualOperation migrate-to-drive-sharing.'
          : 'Set containerCapacity, or driveCapacity with numDrives, as it was.',
      };
    }
  },
};
