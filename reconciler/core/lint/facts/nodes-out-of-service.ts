import type { FactRule } from '../spec-rule.ts';
import { byReason, counted, placeOfRole } from './shortages.ts';
import { type Candidate, type ClusterSurvey, type RoleSurvey, survey } from './survey.ts';

export const nodesOutOfService: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'A node that is cordoned or not ready gets no new pods, so a container that needs it waits.',
  facts: 'Six nodes take pods, and a seventh is cordoned.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveContainers: 7, computeContainers: 6 }',
    right: 'spec:\n  dynamicTemplate: { driveContainers: 6, computeContainers: 6 }',
  },
  *checkFacts(set, facts) {
    for (const cluster of survey(set, facts).clusters) {
      for (const role of cluster.roles) {
        const { containers, words } = role.need;
        const out = role.fitting.filter(
          (candidate) => candidate.node.obstacle !== undefined && !isHosted(candidate, cluster, role),
        );
        const room = roomOn(role.fitting);
        if (out.length === 0 || room < containers || room - roomOn(out) >= containers) continue;
        yield {
          spec: cluster.spec,
          path: placeOfRole(cluster.spec, role.need),
          message: `The ${counted(containers, `${words} container`)} of cluster ${cluster.spec.cluster.metadata.name} need nodes that take no pods now: ${byReason(
            out,
            ({ node }) => node.name,
            ({ node }) => node.obstacle ?? '',
            role.candidates.length,
          )}.`,
          hint: 'Bring those nodes back into service (kubectl uncordon NAME), or let the selector match others too.',
        };
      }
    }
  },
};

function roomOn(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { room }) => sum + room, 0);
}

/** Whether the container that is meant for the node runs there already, and need not be scheduled. */
function isHosted({ usage }: Candidate, { spec, owner }: ClusterSurvey, { need }: RoleSurvey): boolean {
  return (
    usage.byOwner.has(owner) &&
    usage.pods.some(
      ({ labels }) =>
        labels['weka.io/mode'] === need.shape.mode &&
        labels['weka.io/cluster-name'] === spec.cluster.metadata.name,
    )
  );
}
