import { resolve } from 'node:path';
import type { DriversExport } from '../../schemas/output/drivers-export.ts';
import { type CommandOf, UsageError } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { PinnedPackage } from '../core/drivers/lock.ts';
import { pinnedFiles } from '../core/export/pinned-files.ts';
import { exportText } from '../core/report/export-text.ts';
import { escapedJson } from '../core/report/json.ts';
import { nearest } from '../core/spec/nearest.ts';
import { DriverLockError, readDriverLock } from '../driver-lock.ts';
import type { Program } from '../program.ts';
import { bounded } from '../world/apply/bounded.ts';
import { exportPackage } from '../world/export/export-package.ts';
import { MirrorFolder } from '../world/export/mirror-folder.ts';
import { PackageFault } from '../world/export/package-fault.ts';
import { readInstalled } from '../world/install/installed-resources.ts';

/** Packages on their way at once. */
const AT_ONCE = 3;

/** Brings the packages that are pinned into a folder. Exits 1 where one could not be had, or none is pinned. */
export async function driversCommand(command: CommandOf<'drivers'>, program: Program): Promise<ExitCode> {
  const config = await program.config(command.flags);
  await using cluster = await program.kube(config);
  const { api } = cluster;
  const { lock, ca } = await readDriverLock(
    { get: async (object) => await readInstalled(api, object) },
    config.installation,
  );
  if (lock === undefined) throw new DriverLockError(config.installation);
  const files = pinnedFiles(lock.packages, choiceOf(command, lock.packages));
  const folder = await opened(command.to);
  const { userAgent, proxyEnv, ca: registryCa } = program.registryReach(config);
  const reach = {
    api,
    userAgent,
    proxyEnv,
    ca: [ca, registryCa].filter((each) => each !== undefined),
    registries: config.ceilings.driverRegistries,
    isGiven: command.from !== undefined,
  };
  const result: DriversExport = {
    kind: 'DriversExport',
    cluster: config.cluster,
    folder: resolve(command.to),
    packages: [...(await bounded(files, AT_ONCE, async (file) => await exportPackage(file, folder, reach)))],
  };
  program.console.print(
    command.output === 'json' ? `${escapedJson(result)}\n` : exportText(result, program.console),
  );
  const isWhole = files.length > 0 && result.packages.every((each) => each.result !== 'failed');
  return isWhole ? 0 : 1;
}

function choiceOf({ version, service, from }: CommandOf<'drivers'>, pinned: readonly PinnedPackage[]) {
  if (pinned.length > 0) {
    mustBeOneOf(
      '--version',
      version,
      pinned.map((each) => each.package.version),
    );
    mustBeOneOf(
      '--service',
      service,
      pinned.map((each) => each.service),
    );
  }
  return { version, service, from };
}

function mustBeOneOf(option: string, given: string | undefined, known: readonly string[]): void {
  if (given === undefined || known.includes(given)) return;
  const near = nearest(given, known);
  throw new UsageError(`${option} ${JSON.stringify(given)}: nothing is pinned for it.`, {
    hint:
      near === undefined
        ? `There is ${[...new Set(known)].slice(0, 8).join(', ')}.`
        : `Did you mean ${near}?`,
  });
}

async function opened(path: string): Promise<MirrorFolder> {
  try {
    return await MirrorFolder.open(path);
  } catch (error) {
    if (!(error instanceof PackageFault)) throw error;
    const { why, hint } = error.fault;
    throw new UsageError(`--to: ${why}`, { hint, cause: error });
  }
}
