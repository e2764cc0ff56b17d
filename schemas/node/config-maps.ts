/** Where reconciler and agent leave what they have to say to each other, and under which key. */

/** ConfigMap of what the reconciler asks of a node. */
export function intentName(node: string): string {
  return `${INTENT_PREFIX}${node}`;
}

/** ConfigMap of what the agent of a node found. */
export function reportName(node: string): string {
  return `${REPORT_PREFIX}${node}`;
}

export const INTENT_PREFIX = 'weka-node-intent-';
export const REPORT_PREFIX = 'weka-node-report-';

/** Key in `data`: JSON. */
export const INTENT_KEY = 'intent.json';
/** Key in `binaryData`: JSON packed by gzip. */
export const REPORT_KEY = 'report.json.gz';

/** A ConfigMap takes 1 MiB with all that is around what it holds. */
export const MAX_REPORT_BYTES = 900 * 1024;
