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
/**
 * Reports pack between five and ten to one, so that one which fills its ConfigMap has some 8 MiB; what packs much better is made
 * to. Both sides go by it: an agent writes nothing that the reconciler would not read.
 */
export const MAX_UNPACKED_BYTES = 8 << 20;
/**
 * Fields and elements of lists: what JSON takes in memory goes by their number and not by its length. A node with a thousand
 * network interfaces and five hundred modules has a tenth.
 */
export const MAX_REPORT_VALUES = 250_000;

/**
 * Whether JSON has more fields and elements than are read, before any of it is parsed. Before each of them there is one of
 * these bytes; those within texts are counted as well.
 */
export function hasTooManyValues(json: Uint8Array): boolean {
  let values = 0;
  for (const byte of json) {
    if (byte !== COMMA && byte !== OPEN_LIST && byte !== OPEN_OBJECT) continue;
    values += 1;
    if (values > MAX_REPORT_VALUES) return true;
  }
  return false;
}

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
