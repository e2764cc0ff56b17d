import type { ChangeOutput, FieldOutput, Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import { errorsFirst } from './bounded.ts';
import { clip } from './plain.ts';

// A text is one string in memory, and Node ends at half a billion characters. Indented, JSON grows several times.

/** Characters that changes and findings may take as JSON without indents. */
const CHANGES = 24_000_000;
const FINDINGS = 8_000_000;
/** Characters of one value. */
const VALUE = 100_000;

/** The plan as it is printed: whole, or cut where it says so. The digest is that of the whole plan in any case. */
export function printedPlan(plan: Plan): Plan {
  const { changes, findings, omitted } = printed(plan);
  return {
    ...plan,
    changes,
    findings,
    ...(Object.values(omitted).some((n) => n > 0) && { omitted }),
  };
}

/** The same for a report. */
export function printedReport(report: Report): Report {
  const { changes, findings, omitted } = printed(report);
  if (Object.values(omitted).every((n) => n === 0)) return { ...report, changes, findings };
  const others = { healthy: 0, outcomes: 0, unhealthy: 0, unread: 0 };
  return { ...report, changes, findings, omitted: { ...others, ...omitted } };
}

function printed({ changes, findings }: Pick<Plan, 'changes' | 'findings'>) {
  const shown = changes.map(shortened);
  // What is unchanged is what a reader misses least.
  const isKeep = ({ op }: ChangeOutput) => op === 'keep';
  const inOrderOfNeed = [...shown.filter((change) => !isKeep(change)), ...shown.filter(isKeep)];
  const kept = new Set(within(CHANGES, inOrderOfNeed));
  const keptFindings = new Set(within(FINDINGS, findings.toSorted(errorsFirst)));
  const keeps = shown.filter((change) => isKeep(change) && !kept.has(change)).length;
  return {
    changes: shown.filter((change) => kept.has(change)),
    findings: findings.filter((finding) => keptFindings.has(finding)),
    omitted: {
      keeps,
      changes: shown.length - kept.size - keeps,
      findings: findings.length - keptFindings.size,
    },
  };
}

/** The first of `items` that take no more than `size` characters together. */
function within<Item extends object>(size: number, items: readonly Item[]): readonly Item[] {
  let used = 0;
  for (const [index, item] of items.entries()) {
    used += JSON.stringify(item).length;
    if (used > size) return items.slice(0, index);
  }
  return items;
}

function shortened(change: ChangeOutput): ChangeOutput {
  const { fields, adds } = change;
  if (!fields.some(isLong) && adds?.some(isLong) !== true) return change;
  return {
    ...change,
    fields: fields.map(shortField),
    ...(adds !== undefined && { adds: adds.map(shortField) }),
  };
}

function isLong({ from, to }: FieldOutput): boolean {
  return sizeOf(from) > VALUE || sizeOf(to) > VALUE;
}

function sizeOf(value: FieldOutput['from']): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 0;
}

function shortField(field: FieldOutput): FieldOutput {
  if (!isLong(field)) return field;
  const { from, to, ...rest } = field;
  const short = (value: FieldOutput['from']) => {
    if (value === undefined || sizeOf(value) <= VALUE) return value;
    return clip(typeof value === 'string' ? value : JSON.stringify(value), VALUE);
  };
  const [before, after] = [short(from), short(to)];
  return {
    ...rest,
    ...(before !== undefined && { from: before }),
    ...(after !== undefined && { to: after }),
    cut: true,
  };
}
