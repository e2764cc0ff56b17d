import type { FactRule } from '../spec-rule.ts';
import { isOpen, leastOf } from './open-roles.ts';
import { counted, labelWords, needWords, placeOfRole, shortages } from './shortages.ts';
import { type Candidate, type ClusterSurvey, type RoleSurvey, survey } from './survey.ts';
import { whatHelps } from './what-helps.ts';

/**
 * Each role for itself, so what it finds holds however the containers are placed (weka-operator §2.3, §2.4). Nodes that
 * are only out of service for now count: `nodes-out-of-service` tells of them. Containers that a manifest does not count
 * are as many as there is room for, and 5 of them form a cluster (§2.8: act-as-daemonset).
 */
export const nodesForRole: FactRule = {
  level: 'error',
  fixed: false,
  why: 'Containers for which no node has room stay pending, and without them the cluster does not form or grow.',
  facts: 'There are six nodes of 8 cores and 2 drives.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveCores: 12 }',
    right: 'spec:\n  dynamicTemplate: { driveCores: 2, numDrives: 2 }',
  },
  *checkFacts(set, facts) {
    for (const cluster of survey(set, facts).clusters) {
      for (const role of cluster.roles) {
        const room = role.fitting.reduce((sum, each) => sum + each.room, 0);
        if (room >= leastOf(cluster, role)) continue;
        yield {
          spec: cluster.spec,
          path: placeOfRole(cluster.spec, role.need),
          message: message(cluster, role),
          hint: hint(cluster, role),
        };
      }
    }
  },
};

function message(survey: ClusterSurvey, role: RoleSurvey): string {
  const { metadata, spec: cluster } = survey.spec.cluster;
  const { need, candidates, fitting } = role;
  const least = leastOf(survey, role);
  const name = `${need.containers === 1 ? 'The' : `The ${need.containers}`} ${need.words} container${need.containers === 1 ? '' : 's'} of cluster ${metadata.name}`;
  const [first] = candidates;
  const labels = labelWords(need.shape.nodeSelector);
  if (first === undefined) {
    return `${name} find no node: none has ${labels === '' ? 'Linux' : labels}.`;
  }
  const shared = cluster.overrides?.disregardRedundancy === true;
  const open = isOpen(survey, role);
  const nodes = shared ? 'room on nodes' : `${open ? 'at least ' : ''}${counted(least, 'node')}`;
  const each = need.containers === 1 ? '' : ' each';
  const asked = needWords((mostCommon(candidates) ?? first).need);
  const those = labels === '' ? 'of the cluster' : `with ${labels}`;
  const lacking = candidates.filter(({ room }) => room === 0);
  const why = lacking.length === 0 ? '' : `: ${shortages(lacking, candidates.length)}`;
  const have =
    candidates.length < least && fitting.length === candidates.length && !shared
      ? `there ${candidates.length === 1 ? 'is' : 'are'} ${candidates.length} ${those}`
      : `${fitting.length === 0 ? 'none' : fitting.length} of ${counted(candidates.length, 'node')} ${those} ${fitting.length > 1 ? 'have' : 'has'} ${asked.includes(' and ') ? 'them' : 'that'}`;
  const called = open ? `${name}, which are the default,` : name;
  return `${called} need${need.containers === 1 ? 's' : ''} ${nodes} with ${asked}${each}; ${have}${why}.`;
}

/** Nodes with and without hyper-threading differ in what they need; the message tells of most of them. */
function mostCommon(candidates: readonly Candidate[]): Candidate | undefined {
  const groups = Map.groupBy(candidates, ({ need }) => needWords(need));
  return [...groups.values()].toSorted((a, b) => b.length - a.length)[0]?.[0];
}

function hint(survey: ClusterSurvey, role: RoleSurvey): string {
  const { need, candidates } = role;
  const least = leastOf(survey, role);
  if (candidates.length === 0) {
    return Object.keys(need.shape.nodeSelector).length === 0
      ? 'Add nodes that run Linux.'
      : `Label nodes with kubectl label node NAME ${labelWords(need.shape.nodeSelector).replaceAll(', ', ' ')}, or change the node selector.`;
  }
  if (candidates.length < least) {
    const lower = isOpen(survey, role) ? '' : `, or lower ${need.field}`;
    return `Label or add ${counted(least - candidates.length, 'node')}${lower}.`;
  }
  return whatHelps({ need, candidates, isOpen: isOpen(survey, role) });
}
