import { firstFew } from '../lint/facts/shortages.ts';
import { compareFindings, type Finding, finding } from '../spec/finding.ts';
import { compareText } from '../placement/compare-text.ts';
import type { Choice } from './choose.ts';
import type { Demands } from './demands.ts';
import type { DriverDemand } from './drivers.ts';

const DRIVERS_CONFLICT = 'drivers-conflict';

/** A warning at the image of every manifest whose drivers other manifests keep off its nodes. */
export function conflictFindings(choices: Iterable<Choice>, specs: Demands['specs']): readonly Finding[] {
  const conflicts = new Map<string, { loser: DriverDemand; winner: DriverDemand; nodes: string[] }>();
  for (const { demand: winner, against } of choices) {
    for (const loser of against) {
      const key = [loser.ownerId, winner.ownerId, winner.version].join(' ');
      const known = conflicts.get(key) ?? { loser, winner, nodes: [] };
      known.nodes.push(winner.node);
      conflicts.set(key, known);
    }
  }
  const findings = [...conflicts.values()].flatMap(({ loser, winner, nodes }) => {
    const spec = specs.get(loser.ownerId);
    if (spec === undefined) return [];
    const where = firstFew(nodes.toSorted(compareText), (node) => node);
    return [
      finding(spec.place, ['spec', 'image'], {
        level: 'warning',
        rule: DRIVERS_CONFLICT,
        message: `This needs drivers of ${loser.version}, and ${winner.owner} (${winner.source}) has those of ${winner.version} loaded on ${where}: a node has one version at a time.`,
        hint: 'Give both the same image, or nodes of their own by nodeSelector.',
        object: spec.id,
      }),
    ];
  });
  return findings.toSorted(compareFindings);
}
