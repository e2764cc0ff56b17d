import { gunzipSync, gzipSync } from 'node:zlib';
import { MAX_REPORT_BYTES } from '../schemas/node/config-maps.ts';
import { NODE_REPORT_VERSION, NodeReport } from '../schemas/node-report.ts';
import { unknown } from '../schemas/node/observed.ts';
import type { Observation } from './host/observe-node.ts';
import { ReportTooLargeError } from './errors.ts';

export interface ReportParts {
  readonly node: string;
  readonly agentVersion: string;
  /** Generation of the intent that has been read; 0 where none has. */
  readonly intentGeneration: number;
  /** Why none counts though there is one. */
  readonly intentRefused?: string | undefined;
  readonly observed: Observation;
}

/**
 * The report of what was observed, in the form that readers check. A field that is beyond its bounds becomes unknown, with the
 * bound as the reason. Fields are in the order of the form and lists in an order of their own, so the same observation
 * gives the same bytes.
 */
export function nodeReport({ intentRefused, ...parts }: ReportParts): NodeReport {
  const refused = intentRefused === undefined ? {} : { intentRefused: clipped(intentRefused) };
  return NodeReport.parse({ schemaVersion: NODE_REPORT_VERSION, ...parts, ...refused });
}

/** The bytes of a report as they are written to the cluster; throws where they are too many for it. */
export function packReport(report: NodeReport): Uint8Array {
  const packed = gzipSync(JSON.stringify(report));
  if (packed.length > MAX_REPORT_BYTES) {
    throw new ReportTooLargeError(report, packed.length);
  }
  return packed;
}

/** A report that the cluster takes, as it is written: where it would be too large, its largest parts are unknown for that reason. */
export function packFitting(report: NodeReport): {
  readonly report: NodeReport;
  readonly packed: Uint8Array;
} {
  try {
    return { report, packed: packReport(report) };
  } catch (error) {
    if (!(error instanceof ReportTooLargeError)) throw error;
    const observed = { ...report.observed, [error.field]: unknown(error.message) };
    return packFitting({ ...report, observed });
  }
}

/** The report in what is written to the cluster; undefined where it is none of this version. */
export function unpackReport(packed: Uint8Array): NodeReport | undefined {
  try {
    const text = gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8');
    return NodeReport.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Far beyond any report, and no more than a process has room for. */
const MAX_UNPACKED_BYTES = 32 << 20;

function clipped(reason: string): string {
  return reason.length <= 400 ? reason : `${reason.slice(0, 399)}…`;
}
