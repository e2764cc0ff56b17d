import { clientSizingOf, sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';
import { inTemplate } from '../cluster/each-cluster.ts';

/** Cores for data that one container can have (weka-operator §2.8: cluster_cores_per_container_limit). */
export const MAX_CORES = 19;

const FIELDS = [
  'computeCores',
  'driveCores',
  's3Cores',
  'nfsCores',
  'smbwCores',
  'dataServicesCores',
] as const;

export const coresPerContainer: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A container of WEKA runs 19 processes for data at most, one on each core.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    computeCores: 20',
    right: 'spec:\n  dynamicTemplate:\n    computeCores: 19',
  },
  *check({ clusters, clients, containers }: SpecSet) {
    for (const spec of clusters) {
      const sizing = sizingOf(spec.cluster.spec);
      for (const field of FIELDS) yield* beyond(spec, inTemplate(field), sizing[field]);
    }
    for (const spec of clients) {
      yield* beyond(spec, ['spec', 'coresNum'], clientSizingOf(spec.client.spec).cores);
    }
    for (const spec of containers) {
      yield* beyond(spec, ['spec', 'numCores'], spec.container.spec.numCores ?? 1);
    }
  },
};

function* beyond(spec: SpecProblem['spec'], path: readonly string[], cores: number): Iterable<SpecProblem> {
  if (cores <= MAX_CORES) return;
  yield {
    spec,
    path,
    message: `${path.at(-1)} is ${cores}, and a container can have ${MAX_CORES} cores for data at most.`,
    hint: `Set it to ${MAX_CORES} or less, and make more containers where more cores are needed.`,
  };
}
