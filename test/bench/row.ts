/** One figure of the bench, and what it is held against. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** The same work done by another program; null where there is none to compare with. */
  readonly baseline: number | null;
  /**
   * How many times better than the baseline: baseline through value, as the median over pairs of neighbouring runs. Null
   * where the value is nothing, which no factor tells.
   */
  readonly ratio: number | null;
  /** What is asked for, in words: `≤ 0.4` of the value, `≥ 3.5×` of the ratio. Null where the figure only informs. */
  readonly goal: string | null;
  readonly met: boolean | null;
  /** What the reader has to know besides. */
  readonly note: string;
}

export type Unit = 's' | 'ms' | 'MiB' | 'calls' | 'writes' | 'passes' | '%' | '×';

/** A bound on the value, or on the ratio. */
export type Goal = { readonly atMost: number } | { readonly ratioAtLeast: number };

export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  /** Of each run, in order. */
  readonly values: readonly number[];
  /** Of the run of the baseline that was made beside each. */
  readonly baselines?: readonly number[];
  readonly goal?: Goal;
  readonly note?: string;
}

/** The medians of a figure's runs, held against its goal. */
export function rowOf({ name, unit, values, baselines, goal, note = '' }: Figure): Row {
  const value = median(values);
  const baseline = baselines === undefined ? null : median(baselines);
  const ratio =
    baselines === undefined || value === 0
      ? null
      : median(values.map((own, run) => (baselines[run] ?? median(baselines)) / own));
  return {
    name,
    value: rounded(value),
    unit,
    baseline: baseline === null ? null : rounded(baseline),
    ratio: ratio === null ? null : rounded(ratio),
    goal: goal === undefined ? null : describeGoal(goal),
    met:
      goal === undefined ? null : 'atMost' in goal ? value <= goal.atMost : (ratio ?? 0) >= goal.ratioAtLeast,
    note,
  };
}

function describeGoal(goal: Goal): string {
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.ratioAtLeast}×`;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values where the quantile falls between them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new Error('No runs, no figure.');
  return below + (above - below) * (at - Math.floor(at));
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The rows as people read them. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['', 'value', 'baseline', 'ratio', 'goal', '', ''],
    ...rows.map(({ name, value, unit, baseline, ratio, goal, met, note }) => [
      name,
      withUnit(value, unit),
      baseline === null ? '' : withUnit(baseline, unit),
      ratio === null ? '' : `${ratio}×`,
      goal ?? '',
      met === null ? '' : met ? 'met' : 'MISSED',
      note,
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const isNumber = (column: number) => column >= 1 && column <= 4;
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function withUnit(value: number, unit: Unit): string {
  return unit === '×' ? `${value}×` : `${value} ${unit}`;
}
