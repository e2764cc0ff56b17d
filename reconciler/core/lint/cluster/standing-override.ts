import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** What each of these does long after the occasion that it was set for. */
const MEANT_FOR_ONCE = {
  allowS3ClusterDestroy: 'a change of s3Containers to 0 destroys the S3 cluster without asking',
  allowSmbwClusterDestroy: 'a change of smbwContainers to 0 destroys the SMB cluster without asking',
  allowNfsInterfaceGroupDestroy:
    'a change of nfsContainers to 0 destroys the NFS interface group without asking',
  upgradeForceReplace: 'the next upgrade ends containers at once and not gracefully',
  upgradeForceReplaceDrives: 'the next upgrade ends drive containers at once and not gracefully',
  upgradeAllAtOnce: 'the next change of the image stops the whole cluster',
  cancelDeletion: 'the cluster cannot be deleted',
} as const;

export const standingOverride: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A way around a guard that is set for one occasion and left in the repository bites at the next.',
  example: {
    wrong: 'spec:\n  overrides: { allowS3ClusterDestroy: true }',
    right: 'spec:\n  overrides: { allowS3ClusterDestroy: false }',
  },
  check: eachCluster(function* ({ overrides = {} }) {
    for (const [field, effect] of Object.entries(MEANT_FOR_ONCE)) {
      if (overrides[field as keyof typeof MEANT_FOR_ONCE] !== true) continue;
      yield {
        path: ['spec', 'overrides', field],
        message: `As long as ${field} is true, ${effect}.`,
        hint: `Remove ${field} when it has served its purpose, or say in the annotation weka-gitops.dev/ignore-rule why it stays.`,
      };
    }
  }),
};
