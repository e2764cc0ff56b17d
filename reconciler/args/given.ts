import { parseArgs } from 'node:util';
import { nearest } from '../core/spec/nearest.ts';
import type { Flags } from './command.ts';
import { seeHelp, UsageError } from './usage-error.ts';

/** What stands behind a verb. */
export interface Given {
  /** What is no option. */
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly help: boolean;
  /** Whether a switch is there. */
  on(name: string): boolean;
  /** The last value that was given for an option. */
  text(name: string): string | undefined;
  /** Each value that was given, and what stands between its commas. */
  list(name: string): readonly string[];
}

/** Reads what stands behind a verb that takes these options. Throws a UsageError for another one, and where a value is missing. */
export function readGiven(verb: string, names: Options, args: readonly string[]): Given {
  const values = valuesOf(verb, names, args);
  const all = (name: string) => (values.options[name] ?? []).filter((each) => typeof each === 'string');
  const text = (name: string) => all(name).at(-1);
  return {
    words: values.positionals,
    flags: {
      ...optional('config', text('config')),
      ...optional('repository', text('repository')),
      ...optional('ref', text('ref')),
      ...optional('path', text('path')),
      ...optional('cluster', text('cluster')),
      ...optional('kubeconfig', text('kubeconfig')),
      ...optional('context', text('context')),
      ...optional('acceptRewrittenHistory', text('accept-rewritten-history')),
    },
    help: values.options['help'] !== undefined,
    on: (name) => values.options[name] !== undefined,
    text,
    list: (name) => all(name).flatMap((each) => each.split(',').filter(Boolean)),
  };
}

/** A field that is there only where it has a value. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: Value });
}

interface Options {
  /** Options that take a value. */
  readonly options?: readonly string[];
  /** Options that take none. */
  readonly switches?: readonly string[];
}

function valuesOf(verb: string, { options = [], switches = [] }: Options, args: readonly string[]) {
  const known: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {
    help: { type: 'boolean', multiple: true, short: 'h' },
  };
  for (const name of options) known[name] = { type: 'string', multiple: true };
  for (const name of switches) known[name] = { type: 'boolean', multiple: true };
  for (const arg of args) {
    if (!arg.startsWith('--') || arg === '--') continue;
    const name = arg.slice(2).split('=')[0] ?? '';
    if (Object.hasOwn(known, name)) continue;
    const near = nearest(name, Object.keys(known));
    throw new UsageError(`weka-gitops ${verb} has no option --${name}.`, {
      hint: near === undefined ? seeHelp(verb).hint : `Did you mean --${near}?`,
    });
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
    return {
      options: values as Readonly<Record<string, readonly (string | boolean)[] | undefined>>,
      positionals,
    };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message.split('. ')[0] ?? 'The options cannot be read'}.`, {
      ...seeHelp(verb),
      cause,
    });
  }
}
