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
import { BuildStoppedError } from './errors.ts';
import { runningKernel } from './kernel.ts';
import { LastLines, secretBodies } from './last-lines.ts';
import { leaveFailure } from './leave-failure.ts';
import { readBuildSettings } from './settings.ts';
import { readSigningKey } from './signing-key.ts';

/**
 * `weka-nodeagent build`: builds drivers for the kernel of this node, and brings them to the distribution service. How it ended is
 * left for the cluster in the file of the result. Gives the exit code.
 */
export async function build(command: CommandOf<'build'>, program: Program): Promise<0 | 2> {
  const stop = program.stopSignal();
  const log = openLog(program.print, () => new Date());
  let target: DriverTarget | undefined;
  try {
    const settings = readBuildSettings(program.env);
    const kernel = await runningKernel();
    target = await buildTarget(settings, kernel);
    log.info({ target, node: program.env['NODE_NAME'] }, 'Building drivers');
    const key = await readSigningKey();
    if (key?.isRepeatable === false) {
      log.warn(
        { fingerprint: key.fingerprint },
        'The key is none of RSA, so that a package that is built again has other bytes, and has to be accepted anew',
      );
    }
    // What a script of the manifest prints is nobody's to choose.
    const secrets = [key?.secret ?? '', await uploadKey(command.tls)].flatMap(secretBodies);
    const output = new LastLines(program.print, secrets);
    const published = await withBuiltPackage(
      settings,
      target,
      { kernel, key, output, stop, env: program.env },
      async (built) => {
        const { file, sha256, bytes } = built.package;
        log.info({ file, sha256, bytes }, 'Built a package of drivers');
        const to = { file, sha256, bytes, path: built.path, tls: command.tls, ...settings.upload };
        await publish(to, { signal: stop, log });
        return built.package;
      },
    );
    await leaveResult(command.result, {
      schemaVersion: 1,
      result: 'published',
      package: published,
      ...(key === undefined ? {} : { signedWith: key.fingerprint }),
    });
    return 0;
  } catch (thrown) {
    const error =
      stop.aborted && !(thrown instanceof ReconcilerError) ? new BuildStoppedError('uploading') : thrown;
    return await leaveFailure(error, command.result, target, program);
  }
}

async function uploadKey(folder: string): Promise<string> {
  return await readFile(join(folder, 'tls.key'), 'utf8').catch(() => '');
}
