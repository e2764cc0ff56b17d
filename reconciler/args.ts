import type { Command, CommandOf } from './args/command.ts';
import { DRIVERS } from './args/driver-verbs.ts';
import { readGiven } from './args/given.ts';
import { INSTALL, PREFLIGHT, UNINSTALL } from './args/install-verbs.ts';
import { EXPLAIN, EXPLAIN_FIELD, VALIDATE } from './args/manifest-verbs.ts';
import { DEMO, PLAN, RECONCILE, RESUME, RUN, STATUS, SUSPEND } from './args/pass-verbs.ts';
import { seeHelp, UsageError } from './args/usage-error.ts';
import type { Verb } from './args/verb.ts';
import { nearest } from './core/spec/nearest.ts';

export type { Command, CommandOf, Flags, Output } from './args/command.ts';
export { UsageError } from './args/usage-error.ts';

const VERBS: { readonly [Name in Exclude<Command['verb'], 'help' | 'version'>]: Verb<CommandOf<Name>> } = {
  validate: VALIDATE,
  'explain-field': EXPLAIN_FIELD,
  explain: EXPLAIN,
  plan: PLAN,
  reconcile: RECONCILE,
  status: STATUS,
  run: RUN,
  suspend: SUSPEND,
  resume: RESUME,
  preflight: PREFLIGHT,
  install: INSTALL,
  uninstall: UNINSTALL,
  drivers: DRIVERS,
  demo: DEMO,
};

/** The command that `argv` (without node and script) asks for; throws a UsageError that says what to write instead. */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return { verb: 'help' };
  if (name === 'help') return rest[0] === undefined ? { verb: name } : { verb: name, topic: rest[0] };
  if (name === '--version' || name === 'version') return { verb: 'version' };
  if (!isVerb(name)) {
    const near = nearest(name, [...Object.keys(VERBS), 'help', 'version']);
    throw new UsageError(`There is no command ${JSON.stringify(name)}.`, {
      hint: near === undefined ? 'weka-gitops help lists the commands.' : `Did you mean weka-gitops ${near}?`,
    });
  }
  const verb: Verb = VERBS[name];
  const given = readGiven(name, verb, rest);
  if (given.help) return { verb: 'help', topic: name };
  const taken = verb.words ?? 0;
  if (given.words.length > taken) {
    throw new UsageError(
      `weka-gitops ${name} takes no ${JSON.stringify(given.words[taken])}.`,
      seeHelp(name),
    );
  }
  return verb.read(given);
}

function isVerb(name: string): name is keyof typeof VERBS {
  return Object.hasOwn(VERBS, name);
}
