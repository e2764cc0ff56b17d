import type { Findings } from '../../../schemas/output/finding.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';

/** How text is laid out for the terminal at hand. */
export interface Style {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

export declare function planText(plan: Plan, style: Style): string;
export declare function reportText(report: Report, style: Style): string;
export declare function statusText(status: Status, style: Style): string;
export declare function findingsText(findings: Findings, style: Style): string;
