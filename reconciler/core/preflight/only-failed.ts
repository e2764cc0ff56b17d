import type { Preflight } from '../../../schemas/output/preflight.ts';

/** What fails or is unknown, and the nodes of which that is so; the counts of the others stay. */
export function onlyFailed(preflight: Preflight): Preflight {
  const { problems, nodes } = preflight;
  return {
    ...preflight,
    problems: problems.filter(({ result }) => result !== 'warn'),
    checks: [],
    nodes: nodes
      .filter(({ result }) => result === 'fail' || result === 'unknown')
      .map((node) => ({ ...node, warn: [] })),
    idle: [],
  };
}
