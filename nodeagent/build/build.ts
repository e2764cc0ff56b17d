import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcilerError } from '../../reconciler/errors.ts';
import type { DriverTarget } from '../../schemas/drivers/target.ts';
import type { CommandOf } from '../args/command.ts';
import type { Program } from '../cli.ts';
import { openLog } from '../log.ts';
import { leaveResult } from '../upload/leave-result.ts';
import { publish } from '../upload/publish.ts';
import { buildTarget, withBuiltPackage } from './build-package.ts';
import { BuildStoppedError, RunningKernelOnlyError } from './errors.ts';
import { type KeyHand, reachForKey } from './key-hand.ts';
import { kernelFor, runningKernel } from './kernel.ts';
import { LastLines, secretBodies } from './last-lines.ts';
import { leaveFailure } from './leave-failure.ts';
import { readBuildSettings } from './settings.ts';

/**
 * `weka-nodeagent build`: builds drivers for the kernel of this node, or one that it will boot, and brings them to the distribution service. How it ended is
 * left for the cluster in the file of the result. Gives the exit code.
 */
export async function build(command: CommandOf<'build'>, program: Program): Promise<0 | 2> {
  const stop = program.stopSignal();
  const log = openLog(program.print, () => new Date());
  let target: DriverTarget | undefined;
  let signing: KeyHand | undefined;
  let isLeft = false;
  try {
    const settings = readBuildSettings(program.env);
    const kernel = kernelFor(await runningKernel(), settings);
    target = await buildTarget(settings, kernel);
    log.info({ target, node: program.env['NODE_NAME'] }, 'Building drivers');
    // Before anything else runs here: nothing else is to be given the key by what keeps it.
    signing = settings.signing === undefined ? undefined : await reachForKey(settings.signing, stop);
    // What a script of the manifest prints is nobody's to choose.
    const output = new LastLines(program.print, secretBodies(await uploadKey(command.tls)));
    const { built, signed } = await withBuiltPackage(
      settings,
      target,
      { kernel, signing, output, stop, env: program.env, left: () => (isLeft = true) },
      async (made) => {
        const { file, sha256, bytes } = made.package;
        if (made.unseen !== undefined) {
          log.warn(
            { file, why: made.unseen },
            'The modules in the package cannot be looked at; its name fits the kernel',
          );
        }
        if (made.signed?.isRepeatable === false) {
          log.warn(
            { fingerprint: made.signed.fingerprint },
            'The key is none of RSA, so that a package that is built again has other bytes, and has to be accepted anew',
          );
        }
        log.info({ file, sha256, bytes }, 'Built a package of drivers');
        const to = { file, sha256, bytes, path: made.path, tls: command.tls, ...settings.upload };
        await publish(to, { signal: stop, log });
        return { built: made.package, signed: made.signed };
      },
    );
    await leaveResult(command.result, {
      schemaVersion: 1,
      result: 'published',
      package: built,
      ...(signed === undefined ? {} : { signedWith: signed.fingerprint }),
    });
    return 0;
  } catch (thrown) {
    const error =
      stop.aborted && !(thrown instanceof ReconcilerError) ? new BuildStoppedError('uploading') : thrown;
    const exitCode = await leaveFailure(error, command.result, target, program);
    // To try it again helps nobody before the node has booted.
    return error instanceof RunningKernelOnlyError ? 0 : exitCode;
  } finally {
    signing?.end();
    if (isLeft) program.abandon();
  }
}

async function uploadKey(folder: string): Promise<string> {
  return await readFile(join(folder, 'tls.key'), 'utf8').catch(() => '');
}
