import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import {
  hasTooManyValues,
  MAX_REPORT_BYTES,
  MAX_REPORT_VALUES,
  MAX_UNPACKED_BYTES,
  REPORT_KEY,
  REPORT_PREFIX,
} from '../../../schemas/node/config-maps.ts';
import { NODE_REPORT_VERSION, NodeReport } from '../../../schemas/node-report.ts';
import { isRecord, record } from '../kube/json.ts';
import { prose } from '../report/plain.ts';
import { type ReportBrief, reportBrief } from './report-brief.ts';

/** What the ConfigMap of a node's report holds, whether it counts or not. */
export type ReadReport =
  | WholeReport
  /** `why` is one sentence. */
  | { readonly state: 'damaged'; readonly why: string };

/** A report that is as it should be. It keeps the packed form, and its parts are unpacked again for whoever asks for them. */
export class WholeReport {
  readonly state = 'whole';
  readonly brief: ReportBrief;
  readonly #node: string;
  readonly #packed: string;
  #unpacked: WeakRef<NodeReport>;

  constructor(report: NodeReport, packed: string) {
    this.brief = reportBrief(report);
    this.#node = report.node;
    this.#packed = packed;
    this.#unpacked = new WeakRef(report);
  }

  get report(): NodeReport {
    const known = this.#unpacked.deref();
    if (known !== undefined) return known;
    const report = parseReport(this.#node, this.#packed);
    if (typeof report === 'string') throw new Error('A report that was whole is so for good.');
    this.#unpacked = new WeakRef(report);
    return report;
  }
}

/** Most reports are unpacked in one piece of that size. */
const CHUNK_BYTES = 128 << 10;

/** The node whose report a ConfigMap is, by its name; undefined for other ConfigMaps. */
export function reportedNode(name: string): string | undefined {
  return name.startsWith(REPORT_PREFIX) ? name.slice(REPORT_PREFIX.length) : undefined;
}

/** Reads the ConfigMap of the report of `node`. Whatever stands in it, it never throws, and takes no more room than a report may. */
export function readReport(node: string, configMap: Readonly<Record<string, unknown>>): ReadReport {
  const packed = record(configMap['binaryData'])[REPORT_KEY];
  const report = typeof packed === 'string' ? parseReport(node, packed) : `has no ${REPORT_KEY}`;
  return typeof report === 'string'
    ? { state: 'damaged', why: `The report of ${node} ${report}.` }
    : new WholeReport(report, String(packed));
}

/** The report in what is written to the cluster, in base64; or what is wrong with it. */
function parseReport(node: string, packed: string): NodeReport | string {
  // What is judged is the base64 of the bytes, as where it is written.
  if (packed.length > Math.ceil(MAX_REPORT_BYTES / 3) * 4) {
    return `has more than ${MAX_REPORT_BYTES / 1024} KiB, and no more is read`;
  }
  const json = unpacked(Buffer.from(packed, 'base64'));
  if (typeof json === 'string') return json;
  if (hasTooManyValues(json)) return `has more than ${MAX_REPORT_VALUES} values, and no more are read`;
  const value = parsed(json.toString('utf8'));
  if (!isRecord(value)) return 'is not the JSON that it should be';
  const { schemaVersion } = value;
  if (typeof schemaVersion === 'number' && schemaVersion !== NODE_REPORT_VERSION) {
    return `is of schema version ${schemaVersion}, and this program knows ${NODE_REPORT_VERSION}`;
  }
  const { data, error } = NodeReport.safeParse(value);
  if (data === undefined) {
    const [issue] = error.issues;
    const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    return `is not of the form that it should have${at}`;
  }
  return data.node === node ? data : `says that it is the one of ${prose(data.node, 100)}`;
}

/** The bytes that were packed, or what is wrong with them. */
function unpacked(packed: Buffer): Buffer | string {
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES, chunkSize: CHUNK_BYTES });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge
      ? `unpacks to more than ${MAX_UNPACKED_BYTES >> 20} MiB, and no more is read`
      : 'is not packed by gzip, or is cut off';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
