import { Buffer } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  hasTooManyValues,
  MAX_REPORT_BYTES,
  MAX_REPORT_VALUES,
  MAX_UNPACKED_BYTES,
} from '../schemas/node/config-maps.ts';
import { NODE_REPORT_VERSION, NodeReport } from '../schemas/node-report.ts';
import type { DriversReport } from '../schemas/node/drivers.ts';
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
  /** Absent where no intent has asked for any. */
  readonly drivers?: DriversReport | undefined;
}

/**
 * The report of what was observed, in the form that readers check. A field that is beyond its bounds becomes unknown, with the
 * bound as the reason. Fields are in the order of the form and lists in an order of their own, so the same observation
 * gives the same bytes.
 */
export function nodeReport({ intentRefused, drivers, ...parts }: ReportParts): NodeReport {
  const refused = intentRefused === undefined ? {} : { intentRefused: clipped(intentRefused) };
  return NodeReport.parse({
    schemaVersion: NODE_REPORT_VERSION,
    ...parts,
    ...refused,
    ...(drivers === undefined ? {} : { drivers }),
  });
}

/** The bytes of a report as they are written to the cluster; throws where they are too many for it, or for its readers. */
export function packReport(report: NodeReport): Uint8Array {
  const json = Buffer.from(JSON.stringify(report));
  if (json.length > MAX_UNPACKED_BYTES) {
    const most = `${MAX_UNPACKED_BYTES >> 20} MiB that are read`;
    throw new ReportTooLargeError(report, `${kiB(json)} KiB, more than the ${most}`);
  }
  if (hasTooManyValues(json)) {
    throw new ReportTooLargeError(report, `more than the ${MAX_REPORT_VALUES} values that are read`);
  }
  const packed = gzipSync(json);
  if (packed.length > MAX_REPORT_BYTES) {
    const most = `${MAX_REPORT_BYTES / 1024} KiB that a ConfigMap takes`;
    throw new ReportTooLargeError(report, `${kiB(packed)} KiB packed, more than the ${most}`);
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
    const json = gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
    return hasTooManyValues(json) ? undefined : NodeReport.safeParse(JSON.parse(json.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function kiB({ length }: Uint8Array): number {
  return Math.ceil(length / 1024);
}

function clipped(reason: string): string {
  return reason.length <= 400 ? reason : `${reason.slice(0, 399)}…`;
}
