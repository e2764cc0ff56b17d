import { explain, ReconcilerError } from '../../reconciler/errors.ts';
import type { CommandOf } from '../args/command.ts';
import type { Program } from '../cli.ts';
import { openLog } from '../log.ts';
import { STEADY_TIME } from '../time.ts';
import { failedResult, leaveResult } from '../upload/leave-result.ts';
import { upload } from '../upload/upload.ts';
import { download } from './download.ts';
import { FetchError } from './errors.ts';
import { type FetchSettings, readFetchSettings } from './settings.ts';

/**
 * `weka-nodeagent fetch`: a package from the registry into the distribution service, without a disk in between, by the digest that
 * was pinned. Gives the exit code; the result says how it ended.
 */
export async function fetch({ tls, result }: CommandOf<'fetch'>, program: Program): Promise<0 | 2> {
  const { env, version, complain, stopSignal } = program;
  const signal = stopSignal();
  const log = openLog(complain, () => new Date());
  let settings: FetchSettings | undefined;
  try {
    settings = readFetchSettings(env);
    const { url, package: wanted, uploadUrl, uploadServerName, ca, within } = settings;
    const { file, sha256, bytes } = wanted;
    log.info({ file, sha256, bytes, registry: new URL(url).origin, service: uploadUrl }, 'Begins');
    const userAgent = `weka-nodeagent/${version}`;
    const shared = { time: STEADY_TIME, random: Math.random, log };
    await upload(
      { file, sha256, bytes, url: uploadUrl, serverName: uploadServerName, tls },
      (signal) => download({ url, package: wanted, ca, within, env, userAgent, ...shared }, signal),
      { signal, ...shared },
    );
    await leaveResult(result, { schemaVersion: 1, result: 'published', package: wanted });
    return 0;
  } catch (thrown) {
    const isStopped = signal.aborted && !(thrown instanceof ReconcilerError);
    const error = isStopped ? new FetchError('STOPPED', 'The pod was ended while it fetched.') : thrown;
    if (!(error instanceof ReconcilerError)) throw error;
    log.warn({ reason: explain(error) }, 'Could not fetch a package');
    const target = settings?.package;
    await leaveResult(result, failedResult(error, target === undefined ? {} : { target: targetOf(target) }));
    return 2;
  }
}

function targetOf({ version, kernel, architecture, buildId }: FetchSettings['package']) {
  return { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) };
}
