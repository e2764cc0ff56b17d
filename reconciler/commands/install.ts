import type { CommandOf } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { unheededNotes } from '../config/unheeded.ts';
import type { WrittenConfig } from '../config/written-config.ts';
import { type GroupKind, objectId } from '../core/kube/object.ts';
import { INSTALL_MANAGER } from '../core/plan/managed-fields.ts';
import { installationText } from '../core/report/installation-text.ts';
import { escapedJson } from '../core/report/json.ts';
import { count } from '../core/report/plain.ts';
import { InstallConfigError } from '../install/errors.ts';
import { exportText } from '../install/export.ts';
import { firstLease } from '../install/first-lease.ts';
import { otherImage } from '../install/image-version.ts';
import type { InstallationNames } from '../install/installation-names.ts';
import { installedSelector } from '../install/install-labels.ts';
import { installation, type Installation, type InstallationOptions } from '../install/installation.ts';
import { knownObjects } from '../install/known-objects.ts';
import { lostOptions } from '../install/lost-options.ts';
import type { Program } from '../program.ts';
import { applyInstallation } from '../world/install/apply-installation.ts';
import { findInstalled, removeInstalled } from '../world/install/find-installed.ts';
import { hasPodMonitors } from '../world/install/installed-resources.ts';
import { lackingFiles } from '../world/install/lacking-files.ts';
import { supportedVersion } from '../world/install/server-version.ts';
import { type Tried, tryInstallation } from '../world/install/try-installation.ts';
import { waitReady } from '../world/install/wait-ready.ts';
import { staysAlike } from './stays-alike.ts';

/**
 * Makes the cluster have what it needs of us, in the version that runs this, and waits until all of it is ready; or prints it. Exits 1
 * where something is not ready, or would be written by a dry run.
 */
export async function installCommand(command: CommandOf<'install'>, program: Program): Promise<ExitCode> {
  const config = await program.writtenConfig(command.flags);
  const options = optionsOf(command, config, program);
  const warnings = [
    ...unheededNotes(config.unheeded),
    ...[otherImage(options.image, program.version)].filter((note) => note !== undefined),
  ];
  if (command.export) {
    for (const warning of warnings) program.console.complain(`${warning}\n`);
    program.console.print(exportText(installation(options), options));
    return 0;
  }
  await using cluster = await program.kube(config.settings);
  const { api } = cluster;
  const kubernetes = await supportedVersion(api);
  const made = installation({ ...options, monitored: await hasPodMonitors(api) });
  const wanted = made.parts.flatMap(({ objects, shared = false }) =>
    objects.map((object) => ({ object, shared })),
  );
  const asked = await tryInstallation(api, wanted, INSTALL_MANAGER);
  const tried = asked.flatMap((each) =>
    isNewHome(each, made.names) ? [each, leaseFor(made.names, program)] : [each],
  );
  const ids = new Set(tried.map(({ id }) => id));
  const known = knownObjects({ names: made.names, namespaces: options.namespaces });
  const { installed, alike } = await findInstalled(api, known, installedSelector(options.name));
  const stale = installed.filter((object) => !ids.has(objectId(object)));
  if (!command.dryRun) {
    await applyInstallation(api, tried, INSTALL_MANAGER);
    for (const object of stale.toReversed()) await removeInstalled(api, object);
  }
  const lacking = command.dryRun ? undefined : await lackingFiles(api, made.secret);
  // Said before the wait, since without it there is nothing to wait for.
  if (lacking !== undefined) program.console.complain(`${lacking}\n`);
  const notReady =
    command.dryRun || command.waitSeconds === 0
      ? []
      : await waitReady(api, workloadsOf(made), { timeoutMs: command.waitSeconds * 1000 });
  const result = {
    kind: 'Installation' as const,
    cluster: config.settings.cluster,
    version: program.version,
    kubernetes,
    written: !command.dryRun,
    objects: [
      ...tried.map(({ id, result: became }) => ({ target: id, result: became })),
      ...stale.map((object) => ({ target: objectId(object), result: 'removed' as const })),
    ],
    notReady: notReady.map(({ id, why }) => ({ target: id, why })),
    stays: alike.filter((object) => !ids.has(objectId(object))).map(staysAlike),
    notes: [
      ...lostOptions(options, made, installed),
      ...warnings,
      ...(lacking === undefined ? [] : [lacking]),
      ...rivalNote(tried.filter(({ force }) => force).length),
    ],
  };
  program.console.print(
    command.output === 'json' ? `${escapedJson(result)}\n` : installationText(result, program.console),
  );
  const isOpen = command.dryRun && result.objects.some(({ result: became }) => isWrite(became));
  return notReady.length > 0 || isOpen ? 1 : 0;
}

function isNewHome({ object, result }: Tried, { namespace }: InstallationNames): boolean {
  return object.kind === 'Namespace' && object.metadata.name === namespace && result === 'created';
}

function leaseFor(names: InstallationNames, { version }: Program): Tried {
  const object = firstLease(names, version);
  return { id: objectId(object), object, result: 'created', force: false };
}

function rivalNote(rivals: number): readonly string[] {
  if (rivals === 0) return [];
  return [
    `The repository asks for something else in ${count(rivals, 'object')}: commit what weka-gitops install --export prints, or the next pass sets that back.`,
  ];
}

function isWrite(result: string): boolean {
  return result !== 'unchanged' && result !== 'kept';
}

function workloadsOf({ parts }: Installation) {
  const kinds = ['Deployment', 'DaemonSet'];
  return parts.flatMap(({ objects }) => objects.filter(({ kind }) => kinds.includes(kind)));
}

function optionsOf(
  command: CommandOf<'install'>,
  { written, settings }: WrittenConfig,
  { version }: Program,
): InstallationOptions {
  const { installation: own, ceilings, run, forge } = settings;
  if (command.planner && forge === undefined) {
    throw new InstallConfigError('The planner of pull requests needs a forge, and none is configured.', {
      hint: 'Write forge.kind into the configuration file, or leave --planner out.',
    });
  }
  return {
    version,
    name: own.name,
    namespace: own.namespace,
    agentNamespace: own.agentNamespace,
    agentProbePort: own.agentProbePort,
    namespaces: ceilings.namespaces,
    kinds: ceilings.kinds as GroupKind[],
    settings: written,
    listen: run.listen,
    hearsForge: forge?.webhookSecretFile !== undefined,
    selfManaged: own.selfManaged,
    image: command.image ?? own.image,
    pullSecret: command.pullSecret,
    secret: command.secret,
    schedule: command.schedule,
    planner: command.planner,
    monitored: false,
  };
}
