import type { Command, FindingsFormat, Output } from './command.ts';
import type { Given } from './given.ts';
import { UsageError } from './usage-error.ts';

/** How a verb is written, and what it comes to. */
export interface Verb<Asked extends Command = Command> {
  /** Options that take a value. */
  readonly options?: readonly string[];
  /** Options that take none. */
  readonly switches?: readonly string[];
  /** How many words it takes besides its options; none where unset. */
  readonly words?: number;
  read(given: Given): Asked;
}

/** Options that say where the cluster is. */
export const CLUSTER = ['config', 'cluster', 'kubeconfig', 'context'];
/** Options that say where cluster and repository are. */
export const WHERE = [...CLUSTER, 'repository', 'ref', 'path', 'accept-rewritten-history'];

export const PAGES = ['text', 'json', 'markdown', 'html'] as const satisfies readonly Output[];
export const ANSWERS = ['text', 'json', 'markdown'] as const satisfies readonly Output[];
export const PLAIN = ['text', 'json'] as const satisfies readonly Output[];
export const FINDINGS = [...PAGES, 'sarif', 'github'] as const satisfies readonly FindingsFormat[];

/** What `--output` asks for, of what the verb prints. */
export function outputOf<Format extends FindingsFormat>(given: Given, formats: readonly Format[]): Format {
  const asked = given.on('markdown') ? 'markdown' : (given.text('output') ?? 'text');
  const format = formats.find((each) => each === asked);
  if (format !== undefined) return format;
  throw new UsageError(`--output ${asked} is not known.`, {
    hint: `It is ${formats.slice(0, -1).join(', ')} or ${formats.at(-1) ?? ''}.`,
  });
}
