import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';
import type { SpecOf, SpecProblem, SpecRule } from '../spec-rule.ts';

type Look = (cluster: ClusterSpec, spec: SpecOf<'WekaCluster'>) => Iterable<Omit<SpecProblem, 'spec'>>;

/** A check that looks at one cluster after another. */
export function eachCluster(look: Look): SpecRule['check'] {
  return function* ({ clusters }) {
    for (const spec of clusters) {
      for (const problem of look(spec.cluster.spec, spec)) yield { spec, ...problem };
    }
  };
}

/** The path of a field of the template. */
export function inTemplate(field: string): readonly string[] {
  return ['spec', 'dynamicTemplate', field];
}

/** The paths of several of them, such as a fault comes of. */
export function allInTemplate(...fields: readonly string[]): readonly (readonly string[])[] {
  return fields.map((field) => inTemplate(field));
}
