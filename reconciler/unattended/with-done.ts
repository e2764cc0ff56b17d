import type { Report } from '../core/report/report.ts';

/** `report` with what was done in passes that it takes the place of, as far as it still stands. */
export function withDone(before: Report | undefined, report: Report): Report {
  if (before === undefined) return report;
  const later = new Set(report.outcomes.map(({ change: { id } }) => id));
  for (const { id, op } of report.changes) if (op !== 'keep') later.add(id);
  const done = before.outcomes.filter(({ change, result }) => result === 'done' && !later.has(change.id));
  if (done.length === 0) return report;
  return { ...report, startedAt: before.startedAt, outcomes: [...done, ...report.outcomes] };
}
