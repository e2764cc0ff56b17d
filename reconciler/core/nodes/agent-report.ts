import type { NodeReport } from '../../../schemas/node-report.ts';
import type { WholeReport } from './read-report.ts';
import { type ReportBrief, reportBrief } from './report-brief.ts';

/** Where the agents of nodes run and report, unless the configuration says otherwise. */
export const AGENT_NAMESPACE = 'weka-gitops-nodes';

/** What the agent of a node says of it. What is unknown is never permission. */
export type AgentReport =
  | { readonly state: 'told'; readonly report: NodeReport }
  | {
      readonly state: 'unknown';
      /** One sentence. */
      readonly why: string;
      /** A report that no longer counts, to be shown to people; nothing is decided by it. */
      readonly last?: NodeReport;
    };

const briefs = new WeakMap<AgentReport, ReportBrief>();
const counting = new WeakMap<WholeReport, AgentReport>();

/** A report that counts: the same value each time, so that what is made of it need not be made again. */
export function told(read: WholeReport): AgentReport {
  const known = counting.get(read);
  if (known !== undefined) return known;
  const report: AgentReport = {
    state: 'told',
    get report() {
      return read.report;
    },
  };
  counting.set(read, report);
  briefs.set(report, read.brief);
  return report;
}

/** A report that counts no longer. */
export function lastOf(read: WholeReport, why: string): AgentReport {
  const report: AgentReport = {
    state: 'unknown',
    why,
    get last() {
      return read.report;
    },
  };
  briefs.set(report, read.brief);
  return report;
}

/** The brief of a report, whether it counts or not; undefined where there is none. Costs nothing for reports that were read here. */
export function briefOf(report: AgentReport): ReportBrief | undefined {
  const known = briefs.get(report);
  if (known !== undefined) return known;
  const whole = report.state === 'told' ? report.report : report.last;
  if (whole === undefined) return undefined;
  const brief = reportBrief(whole);
  briefs.set(report, brief);
  return brief;
}

/** The report that counts; undefined where none does. */
export function toldBy(report: AgentReport | undefined): NodeReport | undefined {
  return report?.state === 'told' ? report.report : undefined;
}
