import type { CommandOf } from './command.ts';
import { type Given, optional } from './given.ts';
import { UsageError } from './usage-error.ts';
import { CLUSTER, outputOf, PAGES, type Verb, WHERE } from './verb.ts';

export const PLAN: Verb<CommandOf<'plan'>> = {
  options: ['output', ...WHERE, 'worktree', 'pull-request'],
  switches: ['forecast', 'markdown', 'post-comment'],
  read: (given) => ({
    verb: 'plan',
    forecast: given.on('forecast'),
    output: outputOf(given, PAGES),
    flags: given.flags,
    ...optional('worktree', given.text('worktree')),
    ...pullRequestOf(given),
  }),
};

export const RECONCILE: Verb<CommandOf<'reconcile'>> = {
  options: ['output', ...WHERE, 'plan-digest'],
  read: (given) => ({
    verb: 'reconcile',
    output: outputOf(given, PAGES),
    flags: given.flags,
    ...optional('planDigest', planDigestOf(given.text('plan-digest'))),
  }),
};

export const STATUS: Verb<CommandOf<'status'>> = {
  options: ['output', ...WHERE],
  read: (given) => ({ verb: 'status', output: outputOf(given, PAGES), flags: given.flags }),
};

export const RUN: Verb<CommandOf<'run'>> = {
  options: [...WHERE, 'only'],
  switches: ['once'],
  read: (given) => ({ verb: 'run', once: given.on('once'), flags: given.flags, ...onlyOf(given) }),
};

export const SUSPEND: Verb<CommandOf<'suspend'>> = {
  options: [...CLUSTER, 'reason'],
  read(given) {
    const reason = given.text('reason') ?? '';
    if (reason.trim() === '') {
      throw new UsageError('weka-gitops suspend needs a reason.', {
        hint: "weka-gitops suspend --reason 'power work in hall 1'; plans and the status branch show it.",
      });
    }
    return { verb: 'suspend', reason, flags: given.flags };
  },
};

export const RESUME: Verb<CommandOf<'resume'>> = {
  options: CLUSTER,
  read: ({ flags }) => ({ verb: 'resume', flags }),
};

export const DEMO: Verb<CommandOf<'demo'>> = {
  switches: ['keep'],
  read: (given) => ({ verb: 'demo', keep: given.on('keep') }),
};

function onlyOf(given: Given): { readonly only?: 'review' } {
  const only = given.text('only');
  if (only === undefined) return {};
  if (only !== 'review') {
    throw new UsageError(`--only ${JSON.stringify(only)} is not known.`, {
      hint: 'weka-gitops run --only review plans pull requests and carries nothing out.',
    });
  }
  if (given.on('once')) {
    throw new UsageError('--once makes a pass, and --only review makes none.', {
      hint: 'weka-gitops plan --post-comment --pull-request NUMBER plans one pull request once.',
    });
  }
  return { only };
}

function pullRequestOf(given: Given): { readonly pullRequest?: number } {
  const number = given.text('pull-request');
  if (!given.on('post-comment') && number === undefined) return {};
  if (!given.on('post-comment') || number === undefined) {
    throw new UsageError('--post-comment and --pull-request go together.', {
      hint: 'weka-gitops plan --post-comment --pull-request 7 plans number 7 and says so there.',
    });
  }
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw new UsageError(`--pull-request ${JSON.stringify(number)} is not a number.`, {
      hint: 'It is the number that the forge shows, such as 7.',
    });
  }
  if (given.text('worktree') !== undefined) {
    throw new UsageError('--worktree plans files, and --pull-request what the forge has.', {
      hint: 'Leave one of them out.',
    });
  }
  return { pullRequest: Number(number) };
}

function planDigestOf(value: string | undefined): string | undefined {
  if (value === undefined || /^sha256:[0-9a-f]{64}$/.test(value)) return value;
  throw new UsageError(`--plan-digest ${JSON.stringify(value)} is not a digest.`, {
    hint: 'It is sha256: and 64 hexadecimal digits, as weka-gitops plan prints it.',
  });
}
