import type { Status } from '../../../schemas/output/status.ts';
import type { StatusCommit, StatusFile } from '../../ports.ts';
import type { Report } from './report.ts';

/** What the branch's `status.json` says; undefined where there is none that can be read. */
export declare function recordedStatus(tip: readonly StatusFile[]): Status | undefined;
export declare function statusCommit(
  report: Report,
  tip: readonly StatusFile[],
  options: { readonly now: Date; readonly history: number },
): StatusCommit | undefined;
