import { cronFault } from '../core/lint/policy/cron-shape.ts';
import type { CommandOf } from './command.ts';
import { type Given, optional } from './given.ts';
import { UsageError } from './usage-error.ts';
import { CLUSTER, outputOf, PAGES, PLAIN, type Verb, WHERE } from './verb.ts';

const REPOSITORY = ['repository', 'ref', 'path'];
const WAIT_SECONDS = 180;
const EVERY_FIVE_MINUTES = '*/5 * * * *';
/** Names that a CronJob knows for schedules. */
const MACRO = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

export const PREFLIGHT: Verb<CommandOf<'preflight'>> = {
  options: [...WHERE, 'output', 'facts', 'nodes'],
  switches: ['failed-only'],
  read(given) {
    const nodes = given.list('nodes');
    return {
      verb: 'preflight',
      output: outputOf(given, PAGES),
      flags: given.flags,
      ...optional('facts', given.text('facts')),
      ...(nodes.length === 0 ? {} : { nodes }),
      ...(given.on('failed-only') ? { failedOnly: true } : {}),
    };
  },
};

export const INSTALL: Verb<CommandOf<'install'>> = {
  options: [...CLUSTER, ...REPOSITORY, 'output', 'schedule', 'image', 'secret', 'pull-secret', 'wait'],
  switches: ['export', 'dry-run', 'serverless', 'planner'],
  read(given) {
    const exporting = given.on('export');
    if (exporting && given.on('dry-run')) {
      throw new UsageError('--export writes nothing to the cluster, so there is nothing to try.', {
        hint: 'Leave --export or --dry-run out.',
      });
    }
    if (exporting && given.text('output') !== undefined) {
      throw new UsageError('--export prints YAML and nothing else.', { hint: 'Leave --output out.' });
    }
    return {
      verb: 'install',
      export: exporting,
      dryRun: given.on('dry-run'),
      planner: given.on('planner'),
      waitSeconds: secondsOf(given),
      output: outputOf(given, PLAIN),
      flags: given.flags,
      ...scheduleOf(given),
      ...optional('image', imageOf(given)),
      ...optional('secret', given.text('secret')),
      ...optional('pullSecret', given.text('pull-secret')),
    };
  },
};

export const UNINSTALL: Verb<CommandOf<'uninstall'>> = {
  options: [...CLUSTER, 'output', 'wait'],
  switches: ['yes'],
  read: (given) => ({
    verb: 'uninstall',
    yes: given.on('yes'),
    waitSeconds: secondsOf(given),
    output: outputOf(given, PLAIN),
    flags: given.flags,
  }),
};

function scheduleOf(given: Given): { readonly schedule?: string } {
  const schedule = given.text('schedule');
  const fault = schedule === undefined || MACRO.test(schedule) ? undefined : cronFault(schedule);
  if (fault !== undefined) {
    throw new UsageError(`--schedule ${JSON.stringify(schedule)} ${fault}.`, {
      hint: `Write it as in ${EVERY_FIVE_MINUTES}, or as @hourly.`,
    });
  }
  if (given.on('serverless')) return { schedule: schedule ?? EVERY_FIVE_MINUTES };
  if (schedule === undefined) return {};
  throw new UsageError('--schedule goes with --serverless.', {
    hint: 'Add --serverless to make passes by a CronJob, or leave --schedule out.',
  });
}

function imageOf(given: Given): string | undefined {
  const image = given.text('image');
  if (image === undefined || /^\S+$/.test(image)) return image;
  throw new UsageError(`--image ${JSON.stringify(image)} is no image.`, {
    hint: 'Give it as REGISTRY/NAME:TAG or with @sha256:DIGEST.',
  });
}

function secondsOf(given: Given): number {
  const text = given.text('wait');
  if (text === undefined) return WAIT_SECONDS;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UsageError(`--wait ${JSON.stringify(text)} is not a number of seconds.`, {
    hint: `It is a whole number, such as ${WAIT_SECONDS}; 0 does not wait.`,
  });
}
