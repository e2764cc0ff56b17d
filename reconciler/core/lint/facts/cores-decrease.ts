import { clientSizingOf, sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { inTemplate } from '../cluster/each-cluster.ts';
import { ROLES } from '../cluster/roles.ts';
import type { FactRule } from '../spec-rule.ts';
import { modeOf } from './role-needs.ts';
import { runningPods } from './running-pods.ts';
import { counted, firstFew } from './shortages.ts';

/** The operator only ever raises cores of a container that runs (weka-operator §2.1, spec propagation). */
export const coresDecrease: FactRule = {
  level: 'error',
  fixed: false,
  why: 'Cores of running containers only grow; fewer are refused, and the containers stay as they are.',
  facts: 'A drive container of the cluster runs with 2 cores.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveCores: 1 }',
    right: 'spec:\n  dynamicTemplate: { driveCores: 2 }',
  },
  *checkFacts(set, facts) {
    const running = runningPods(facts);
    for (const spec of set.clusters) {
      const { metadata, spec: cluster } = spec.cluster;
      const pods = running('WekaCluster', metadata);
      if (pods.length === 0) continue;
      const sizing = sizingOf(cluster);
      for (const { role, cores: field, containers } of ROLES) {
        const mode = modeOf(role);
        const wanted = sizing[field];
        const above = pods.filter((pod) => pod.labels['weka.io/mode'] === mode && (pod.cores ?? 0) > wanted);
        if (above.length === 0 || sizing[containers] === 0) continue;
        yield {
          spec,
          path: inTemplate(field),
          message: `${field} of cluster ${metadata.name} would go down to ${wanted}: ${firstFew(above, words)}.`,
          hint: `Set ${field} to ${Math.max(...above.map(({ cores = 0 }) => cores))} or more.`,
        };
      }
    }
    for (const spec of set.clients) {
      const { metadata, spec: client } = spec.client;
      const { cores } = clientSizingOf(client);
      const pods = running('WekaClient', metadata);
      const above = pods.filter((pod) => (pod.cores ?? 0) > cores);
      if (above.length === 0) continue;
      yield {
        spec,
        path: ['spec', 'coresNum'],
        message: `coresNum of client ${metadata.name} would go down to ${cores}: ${firstFew(above, words)}.`,
        hint: `Set coresNum to ${Math.max(...above.map((pod) => pod.cores ?? 0))} or more.`,
      };
    }
  },
};

function words({ name, cores = 0 }: PodFacts): string {
  return `pod ${name} has ${counted(cores, 'core')}`;
}
