import { parseArgs } from 'node:util';
import type { Command } from './args/command.ts';
import { BUILD, COPY_PROGRAMS, DIST, FETCH, KEEP_KEY, LOAD } from './args/driver-verbs.ts';
import { DRIVERS, OBSERVE, RUN } from './args/node-verbs.ts';
import { HINT } from './args/values.ts';
import { OPTIONS, type Verb } from './args/verb.ts';
import { UsageError } from './errors.ts';

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ['observe', OBSERVE],
  ['run', RUN],
  ['drivers', DRIVERS],
  ['dist', DIST],
  ['build', BUILD],
  ['fetch', FETCH],
  ['load', LOAD],
  ['keep-key', KEEP_KEY],
  ['copy-programs', COPY_PROGRAMS],
]);

/** The command that `argv` (without node and script) asks for; throws a UsageError that says what to write instead. */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return { verb: 'help' };
  if (name === 'version' || name === '--version') return { verb: 'version' };
  const verb = VERBS.get(name);
  if (verb === undefined) throw new UsageError(`There is no command ${JSON.stringify(name)}.`, HINT);
  const { values, positionals: words } = optionsOf(args, verb.words !== undefined);
  const { help, ...options } = values;
  if (help === true) return { verb: 'help' };
  const unknown = OPTIONS.find((each) => options[each] !== undefined && !verb.options.includes(each));
  if (unknown !== undefined) throw new UsageError(`${name} has no option --${unknown}.`, HINT);
  const surplus = words[verb.words?.length ?? 0];
  if (surplus !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(surplus)}.`, HINT);
  return verb.read({ options, words });
}

const KNOWN = {
  ...(Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' }])) as Record<
    (typeof OPTIONS)[number],
    { readonly type: 'string' }
  >),
  help: { type: 'boolean', short: 'h' },
} as const;

function optionsOf(args: readonly string[], allowPositionals: boolean) {
  try {
    return parseArgs({ args: [...args], options: KNOWN, allowPositionals });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message.split('. ')[0] ?? 'The options cannot be read'}.`, {
      ...HINT,
      cause,
    });
  }
}
