import type { Findings } from '../../../schemas/output/finding.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';

export declare function planMarkdown(plan: Plan, limit?: number): string;
export declare function reportMarkdown(report: Report, limit?: number): string;
export declare function statusMarkdown(status: Status, limit?: number): string;
export declare function findingsMarkdown(findings: Findings, limit?: number): string;
