import type { NodeObservation, NodeReport } from '../../../schemas/node-report.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { AgentReport } from './agent-report.ts';
import { isWekaModule } from './report-brief.ts';

type ToldReport = Extract<AgentReport, { state: 'told' }>;

/** What of a report decides about drivers. */
export interface DriverReport extends Pick<NodeReport, 'intentGeneration' | 'drivers'> {
  /** Of its modules only those of WEKA. */
  readonly observed: Pick<NodeObservation, 'bootId' | 'kernel' | 'os' | 'headers' | 'modules'>;
}

// A report that counts is the same value for as long as nothing in it changes, so that each is unpacked once and no more.
const known = new WeakMap<ToldReport, DriverReport>();

/** That part of a report that counts. A whole report takes a hundred times as much memory. */
export function driverReport(report: ToldReport): DriverReport {
  const before = known.get(report);
  if (before !== undefined) return before;
  const { intentGeneration, drivers, observed } = report.report;
  const { bootId, kernel, os, headers, modules } = observed;
  const own = isKnown(modules) ? modules.filter(({ name }) => isWekaModule(name)) : modules;
  const made: DriverReport = {
    intentGeneration,
    ...(drivers === undefined ? {} : { drivers }),
    observed: { bootId, kernel, os, headers, modules: own },
  };
  known.set(report, made);
  return made;
}
