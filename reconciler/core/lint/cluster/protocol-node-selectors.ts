import { sharedNodes } from '../shared-nodes.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';
import { nodeLabelsOf } from './roles.ts';

const PROTOCOLS = [
  { role: 's3', words: 'S3', field: 's3Containers' },
  { role: 'nfs', words: 'NFS', field: 'nfsContainers' },
  { role: 'smbw', words: 'SMB', field: 'smbwContainers' },
] as const;

/** Containers of protocols exclude each other on a node (weka-operator §2.4, §6.5: node_selector_conflict). */
export const protocolNodeSelectors: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A node hosts a container of one protocol only, so those that are placed first may leave no node for the others.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate: { s3Containers: 3, nfsContainers: 2 }\n  nodeSelector: { weka.io/supports-backends: "true" }',
    right:
      'spec:\n  dynamicTemplate: { s3Containers: 3, nfsContainers: 2 }\n  roleNodeSelector:\n    s3: { example.com/protocol: s3 }\n    nfs: { example.com/protocol: nfs }',
  },
  check: eachCluster(function* (cluster) {
    const served = PROTOCOLS.filter(({ field }) => cluster.dynamicTemplate[field] > 0);
    for (const [index, other] of served.entries()) {
      for (const one of served.slice(0, index)) {
        const labels = nodeLabelsOf(cluster, other.role);
        // Nodes with the labels of both may well not be there: only where one choice is within the other is it sure.
        if (sharedNodes(nodeLabelsOf(cluster, one.role), labels) === undefined) continue;
        const own = cluster.roleNodeSelector?.[other.role] !== undefined;
        yield {
          path: own ? ['spec', 'roleNodeSelector', other.role] : inTemplate(other.field),
          message: `One node can be chosen for ${one.words} and for ${other.words}, and can host only one of them.`,
          hint: `Ask for a label with another value in roleNodeSelector.${one.role} and in roleNodeSelector.${other.role}.`,
        };
      }
    }
  }),
};
