import { once } from 'node:events';
import { DIST_PORT } from '../../schemas/drivers/package.ts';
import type { CommandOf } from '../args/command.ts';
import type { Program } from '../cli.ts';
import { UsageError } from '../errors.ts';
import { openLog } from '../log.ts';
import { startDist } from './start-dist.ts';

/** `weka-nodeagent dist`: the distribution service, until the process is asked to end. */
export async function dist(
  { folder, tls, inUse, listen }: CommandOf<'dist'>,
  { env, complain, stopSignal, version }: Program,
): Promise<void> {
  const signal = stopSignal();
  const log = openLog(complain, () => new Date());
  const port = listen?.port ?? numberOf(env, 'PORT', 65_535) ?? DIST_PORT;
  const budgetBytes = numberOf(env, 'DIST_BUDGET_BYTES', Number.MAX_SAFE_INTEGER);
  log.info({ version }, 'Begins');
  const running = await startDist({ folder, tls, inUse, host: listen?.host, port, budgetBytes, log });
  if (!signal.aborted) await once(signal, 'abort');
  log.info({}, 'Ends when what is on its way has ended');
  await running.stop();
}

function numberOf(env: Program['env'], name: string, most: number): number | undefined {
  const { [name]: text } = env;
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,16}$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`${name} ${JSON.stringify(text)} is no number that it may be.`, {
    hint: `Set ${name} to a whole number up to ${most}.`,
  });
}
