import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { Operation } from '../../../schemas/output/plan.ts';
import type { ObjectHealth } from '../../../schemas/output/report.ts';
import type { RiskName } from '../../../schemas/risk.ts';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36 } as const;

export type Colour = keyof typeof CODES;

export const OPERATION_COLOURS = {
  create: 'green',
  update: 'yellow',
  replace: 'magenta',
  prune: 'red',
  keep: 'dim',
  refuse: 'red',
  wait: 'cyan',
  run: 'cyan',
} as const satisfies Record<Operation, Colour>;

export const STATE_COLOURS = {
  current: 'green',
  progressing: 'yellow',
  failed: 'red',
  missing: 'red',
} as const satisfies Record<ObjectHealth['state'], Colour>;

export const LEVEL_COLOURS = {
  error: 'red',
  warning: 'yellow',
  ignored: 'cyan',
} as const satisfies Record<FindingOutput['level'], Colour>;

/** Red is what nothing brings back. */
export const RISK_COLOURS = {
  'data-loss': 'red',
  irreversible: 'red',
  drive: 'red',
  quorum: 'red',
  downtime: 'yellow',
  'kernel-module': 'yellow',
  privilege: 'yellow',
  'prune-budget': 'yellow',
  restart: 'yellow',
  takeover: 'yellow',
  'cluster-scoped': 'cyan',
} as const satisfies Record<RiskName, Colour>;

/** What text is laid out on: a width in which it stays readable, and colours or none. */
export interface Page {
  readonly width: number;
  readonly paint: (colour: Colour, text: string) => string;
}

/** Columns below which nothing fits, and beyond which nobody reads a line. */
const NARROWEST = 40;
const WIDEST = 200;

export function pageOf(style: { readonly colour: boolean; readonly width: number }): Page {
  return {
    width: Math.min(Math.max(style.width, NARROWEST), WIDEST),
    paint: (colour, text) =>
      style.colour && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text,
  };
}
