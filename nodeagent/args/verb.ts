import type { Command } from './command.ts';

/** Every option that some verb takes; each takes a value. */
export const OPTIONS = [
  'root',
  'node',
  'output',
  'namespace',
  'kubeconfig',
  'listen',
  'state',
  'folder',
  'tls',
  'result',
  'in-use',
  'socket',
] as const;

export type Option = (typeof OPTIONS)[number];

/** What stands behind a verb. */
export interface Given {
  readonly options: Readonly<Partial<Record<Option, string>>>;
  /** What is no option. */
  readonly words: readonly string[];
}

/** How a verb is written, and what it comes to. */
export interface Verb {
  readonly options: readonly Option[];
  /** Words that it takes besides its options, as its help has them; none where unset. */
  readonly words?: readonly string[];
  read(given: Given): Command;
}
