import type { Report } from '../../../schemas/output/report.ts';

/**
 * `report` with what the last passes before it did for the same commit, as they were kept, as far as it still stands. `passes` are in
 * their order.
 */
export function withRecorded(report: Report, passes: readonly Report[]): Report {
  const same = passes.slice(passes.findLastIndex(({ commit }) => commit !== report.commit) + 1);
  const [first] = same;
  if (first === undefined) return report;
  const later = new Set(report.outcomes.map(({ target }) => target));
  for (const { target, op } of report.changes) if (op !== 'keep') later.add(target);
  const done = new Map(
    same.flatMap(({ outcomes }) => outcomes.map((outcome) => [outcome.target, outcome] as const)),
  );
  const still = [...done.values()].filter(({ target, result }) => result === 'done' && !later.has(target));
  if (still.length === 0) return report;
  return { ...report, startedAt: first.startedAt, outcomes: [...still, ...report.outcomes] };
}
