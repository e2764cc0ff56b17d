import { parseArgs } from 'node:util';
import { nearest } from './core/spec/nearest.ts';
import { ReconcilerError } from './errors.ts';

export type Output = 'text' | 'json' | 'markdown' | 'html';

/** An answer is too short for a page of its own. */
export type AnswerFormat = Exclude<Output, 'html'>;

/** Findings also go to code scanning and into pull requests. */
export type FindingsFormat = Output | 'sarif' | 'github';

/** Options that say where repository and cluster are; each overrides the configuration file. */
export interface Flags {
  readonly config?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly acceptRewrittenHistory?: string;
}

export type Command =
  | { readonly verb: 'help'; readonly topic?: string }
  | { readonly verb: 'version' }
  | {
      readonly verb: 'validate';
      readonly paths: readonly string[];
      readonly output: FindingsFormat;
      /** A file of facts, or `live` for the cluster itself. */
      readonly facts?: string;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'explain-field';
      readonly target: string;
      readonly recursive: boolean;
      readonly output: 'text' | 'json';
    }
  | {
      readonly verb: 'plan';
      readonly worktree?: string;
      /** Whether to show the passes after the next one as well. */
      readonly forecast: boolean;
      /** The pull request that is planned, and told of it in a comment, in place of the ref. */
      readonly pullRequest?: number;
      readonly output: Output;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'reconcile';
      /** The plan that is applied, or nothing is. */
      readonly planDigest?: string;
      readonly output: Output;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'explain';
      readonly target: string;
      /** A field of the object. */
      readonly field?: string;
      readonly worktree?: string;
      readonly output: AnswerFormat;
      readonly flags: Flags;
    }
  | { readonly verb: 'status'; readonly output: Output; readonly flags: Flags }
  | {
      readonly verb: 'run';
      readonly once: boolean;
      /** Pull requests are planned, and nothing is carried out. */
      readonly only?: 'review';
      readonly flags: Flags;
    }
  | { readonly verb: 'suspend'; readonly reason: string; readonly flags: Flags }
  | { readonly verb: 'resume'; readonly flags: Flags }
  | { readonly verb: 'demo'; readonly keep: boolean };

export class UsageError extends ReconcilerError {
  readonly code = 'USAGE';
  readonly retry = 'after-change';
}

const OUTPUT = ['output'];
const CLUSTER = ['config', 'cluster', 'kubeconfig', 'context'];
const WHERE = [...CLUSTER, 'repository', 'ref', 'path', 'accept-rewritten-history'];

/** What each verb takes; `help` and `version` take none. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  validate: [...OUTPUT, 'config', 'facts', 'kubeconfig', 'context'],
  'explain-field': [...OUTPUT, 'recursive'],
  explain: [...OUTPUT, ...WHERE, 'worktree'],
  plan: [...OUTPUT, ...WHERE, 'worktree', 'forecast', 'markdown', 'post-comment', 'pull-request'],
  reconcile: [...OUTPUT, ...WHERE, 'plan-digest'],
  status: [...OUTPUT, ...WHERE],
  run: [...WHERE, 'once', 'only'],
  suspend: [...CLUSTER, 'reason'],
  resume: CLUSTER,
  demo: ['keep'],
};

/** How many words each verb takes besides its options; none where unset. */
const TAKEN: Readonly<Record<string, number>> = {
  validate: Number.POSITIVE_INFINITY,
  'explain-field': 1,
  explain: 2,
};

const SWITCHES = new Set(['forecast', 'keep', 'markdown', 'once', 'post-comment', 'recursive']);

/** The command that `argv` (without node and script) asks for; throws a UsageError that says what to write instead. */
export function parseCommand(argv: readonly string[]): Command {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === '--help' || verb === '-h') return { verb: 'help' };
  if (verb === 'help') return rest[0] === undefined ? { verb } : { verb, topic: rest[0] };
  if (verb === '--version' || verb === 'version') return { verb: 'version' };
  const options = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (options === undefined) {
    const near = nearest(verb, [...Object.keys(VERBS), 'help', 'version']);
    throw new UsageError(`There is no command ${JSON.stringify(verb)}.`, {
      hint: near === undefined ? 'weka-gitops help lists the commands.' : `Did you mean weka-gitops ${near}?`,
    });
  }
  const { values, positionals, help } = parseOptions(verb, options, rest);
  if (help) return { verb: 'help', topic: verb };
  const taken = TAKEN[verb] ?? 0;
  if (positionals.length > taken) {
    throw new UsageError(
      `weka-gitops ${verb} takes no ${JSON.stringify(positionals[taken])}.`,
      seeHelp(verb),
    );
  }
  const output = outputOf(values['markdown'] === true ? 'markdown' : values['output'], verb);
  const flags = flagsOf(values);
  switch (verb) {
    case 'validate':
      if (positionals.length === 0) {
        throw new UsageError('weka-gitops validate needs a file or a folder.', {
          hint: 'weka-gitops validate . checks all manifests below this folder.',
        });
      }
      return { verb, paths: positionals, output, flags, ...pick('facts', values['facts']) };
    case 'explain-field': {
      const [target] = positionals;
      if (target === undefined) {
        throw new UsageError('weka-gitops explain-field needs a kind or a field.', {
          hint: 'weka-gitops explain-field wekacluster.spec.image says what that field means.',
        });
      }
      return { verb, target, recursive: values['recursive'] === true, output: output as 'text' | 'json' };
    }
    case 'explain': {
      const [target, field] = positionals;
      if (target === undefined) {
        throw new UsageError('weka-gitops explain needs something to explain.', {
          hint: 'weka-gitops explain deployment/monitoring/exporter spec.replicas; or node/NAME, or drive/SERIAL.',
        });
      }
      return {
        verb,
        target,
        output: output as AnswerFormat,
        flags,
        ...pick('field', field),
        ...pick('worktree', values['worktree']),
      };
    }
    case 'plan':
      return {
        verb,
        forecast: values['forecast'] === true,
        output,
        flags,
        ...pick('worktree', values['worktree']),
        ...pullRequestOf(values),
      };
    case 'reconcile':
      return { verb, output, flags, ...pick('planDigest', planDigestOf(values['plan-digest'])) };
    case 'run':
      return { verb, once: values['once'] === true, flags, ...onlyOf(values) };
    case 'suspend':
      if (typeof values['reason'] !== 'string' || values['reason'].trim() === '') {
        throw new UsageError('weka-gitops suspend needs a reason.', {
          hint: "weka-gitops suspend --reason 'power work in hall 1'; plans and the status branch show it.",
        });
      }
      return { verb, reason: values['reason'], flags };
    case 'resume':
      return { verb, flags };
    case 'demo':
      return { verb, keep: values['keep'] === true };
    default:
      return { verb: verb as 'status', output, flags };
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parseOptions(verb: string, names: readonly string[], args: readonly string[]) {
  const options = Object.fromEntries(
    names.map((name) => [name, { type: SWITCHES.has(name) ? ('boolean' as const) : ('string' as const) }]),
  );
  const known = { ...options, help: { type: 'boolean' as const, short: 'h' } };
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
    const { help, ...others } = values;
    return {
      values: others as Record<string, string | boolean | undefined>,
      positionals,
      help: help === true,
    };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message.split('. ')[0] ?? 'The options cannot be read'}.`, {
      ...seeHelp(verb),
      cause,
    });
  }
}

function onlyOf({ only, once }: Values): { readonly only?: 'review' } {
  if (only === undefined) return {};
  if (only !== 'review') {
    throw new UsageError(`--only ${JSON.stringify(only)} is not known.`, {
      hint: 'weka-gitops run --only review plans pull requests and carries nothing out.',
    });
  }
  if (once === true) {
    throw new UsageError('--once makes a pass, and --only review makes none.', {
      hint: 'weka-gitops plan --post-comment --pull-request NUMBER plans one pull request once.',
    });
  }
  return { only };
}

function pullRequestOf(values: Values): { readonly pullRequest?: number } {
  const { 'post-comment': post, 'pull-request': number, worktree } = values;
  if (post !== true && number === undefined) return {};
  if (post !== true || typeof number !== 'string') {
    throw new UsageError('--post-comment and --pull-request go together.', {
      hint: 'weka-gitops plan --post-comment --pull-request 7 plans number 7 and says so there.',
    });
  }
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw new UsageError(`--pull-request ${JSON.stringify(number)} is not a number.`, {
      hint: 'It is the number that the forge shows, such as 7.',
    });
  }
  if (worktree !== undefined) {
    throw new UsageError('--worktree plans files, and --pull-request what the forge has.', {
      hint: 'Leave one of them out.',
    });
  }
  return { pullRequest: Number(number) };
}

function planDigestOf(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string' || /^sha256:[0-9a-f]{64}$/.test(value)) return value as string | undefined;
  throw new UsageError(`--plan-digest ${JSON.stringify(value)} is not a digest.`, {
    hint: 'It is sha256: and 64 hexadecimal digits, as weka-gitops plan prints it.',
  });
}

function seeHelp(verb: string): { readonly hint: string } {
  return { hint: `weka-gitops help ${verb} shows what it takes.` };
}

/** The formats of verbs that print in others than most. */
const FORMATS: Readonly<Record<string, readonly FindingsFormat[]>> = {
  validate: ['text', 'json', 'markdown', 'html', 'sarif', 'github'],
  explain: ['text', 'json', 'markdown'],
  'explain-field': ['text', 'json'],
};

function outputOf(value: string | boolean | undefined, verb: 'validate'): FindingsFormat;
function outputOf(value: string | boolean | undefined, verb: string): Output;
function outputOf(value: string | boolean | undefined, verb: string): FindingsFormat {
  const formats = FORMATS[verb] ?? ['text', 'json', 'markdown', 'html'];
  const format = formats.find((each) => each === (value ?? 'text'));
  if (format !== undefined) return format;
  throw new UsageError(`--output ${String(value)} is not known.`, {
    hint: `It is ${formats.slice(0, -1).join(', ')} or ${formats.at(-1) ?? ''}.`,
  });
}

function flagsOf(values: Readonly<Record<string, string | boolean | undefined>>): Flags {
  return {
    ...pick('config', values['config']),
    ...pick('repository', values['repository']),
    ...pick('ref', values['ref']),
    ...pick('path', values['path']),
    ...pick('cluster', values['cluster']),
    ...pick('kubeconfig', values['kubeconfig']),
    ...pick('context', values['context']),
    ...pick('acceptRewrittenHistory', values['accept-rewritten-history']),
  };
}

function pick<Name extends string>(
  name: Name,
  value: string | boolean | undefined,
): { readonly [Key in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { readonly [Key in Name]?: string }) : {};
}
