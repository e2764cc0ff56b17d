import type { SpecProblem, SpecRule } from '../spec-rule.ts';

interface Numa {
  readonly single?: boolean | undefined;
  readonly region?: number | undefined;
}

/** A container keeps to a region where both are set (weka-operator §1.1, numa). */
export const numaRegion: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A container keeps to a NUMA region only where single and region are both set.',
  example: {
    wrong: 'spec:\n  numa: { region: 1 }',
    right: 'spec:\n  numa: { single: true, region: 1 }',
  },
  *check({ clusters, clients, containers }) {
    for (const spec of clusters) {
      const { numa, roleNuma = {} } = spec.cluster.spec;
      yield* half(spec, ['spec', 'numa'], numa);
      for (const [role, own] of Object.entries(roleNuma)) yield* half(spec, ['spec', 'roleNuma', role], own);
    }
    for (const spec of clients) yield* half(spec, ['spec', 'numa'], spec.client.spec.numa);
    for (const spec of containers) yield* half(spec, ['spec', 'numa'], spec.container.spec.numa);
  },
};

function* half(
  spec: SpecProblem['spec'],
  path: readonly string[],
  numa: Numa | undefined,
): Iterable<SpecProblem> {
  if (numa === undefined) return;
  const { single, region } = numa;
  if (single === true && region === undefined) {
    const message = 'The container shall keep to one NUMA region, and which is not said.';
    yield { spec, path: [...path, 'single'], message, hint: 'Set region to its number.' };
  } else if (region !== undefined && single !== true) {
    const message = `Region ${region} has no effect while single is not true.`;
    yield { spec, path: [...path, 'region'], message, hint: 'Set single to true, or remove region.' };
  }
}
