import type { CommandOf } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { applySetId, type ApplySetParent, PART_OF } from '../core/desired/ownership.ts';
import { type KubeObject, objectId } from '../core/kube/object.ts';
import { installationText } from '../core/report/installation-text.ts';
import { escapedJson } from '../core/report/json.ts';
import { count } from '../core/report/plain.ts';
import { firstLease } from '../install/first-lease.ts';
import { installedSelector } from '../install/install-labels.ts';
import { driverNames, installationNames } from '../install/installation-names.ts';
import { knownObjects } from '../install/known-objects.ts';
import { wekaPriorityClasses } from '../install/priority-classes.ts';
import { removalOf } from '../install/removal.ts';
import { KEPT_FOLDER, STATE_FOLDER } from '../../schemas/drivers/node-folders.ts';
import type { Installation } from '../../schemas/output/installation.ts';
import type { Program } from '../program.ts';
import { findInstalled, removeInstalled, waitRemoved } from '../world/install/find-installed.ts';
import { countMembers } from '../world/install/count-members.ts';
import { installedKind } from '../world/install/installed-resources.ts';
import { serverVersion } from '../world/install/server-version.ts';
import { whatElse } from '../world/install/what-else.ts';
import { ApiError } from '../world/kubeapi/errors.ts';
import type { KubeApi } from '../world/kubeapi/kube-api.ts';
import { list } from '../world/live/list.ts';
import { staysAlike } from './stays-alike.ts';

type Obstacles = Installation['stays'];

/**
 * Removes what `install` made and nothing else: all that was made for the repository runs on, and the record of it stays, so that
 * another installation goes on from there. Without `--yes` it only says what it would do, and exits 1.
 */
export async function uninstallCommand(command: CommandOf<'uninstall'>, program: Program): Promise<ExitCode> {
  const { settings } = await program.writtenConfig(command.flags);
  const { installation: own, ceilings } = settings;
  await using cluster = await program.kube(settings);
  const { api } = cluster;
  const kubernetes = await serverVersion(api);
  const names = installationNames(own);
  const known = [
    ...knownObjects({ names, namespaces: ceilings.namespaces }),
    firstLease(names, program.version),
  ];
  const { installed, alike } = await findInstalled(api, known, installedSelector(own.name));
  const { workloads, rest, namespaces } = removalOf(installed);
  if (command.yes) {
    for (const object of workloads) await removeInstalled(api, object);
    await waitRemoved(api, workloads, command.waitSeconds * 1000);
    for (const object of rest) await removeInstalled(api, object);
  }
  const emptied: KubeObject[] = [];
  const stays: Obstacles = alike.map(staysAlike);
  for (const namespace of namespaces) {
    const { name } = namespace.metadata;
    const why = await whatElse(api, name, command.yes ? [] : installed);
    if (why === undefined) emptied.push(namespace);
    else stays.push({ target: objectId(namespace), why });
  }
  if (command.yes) {
    for (const namespace of emptied) await removeInstalled(api, namespace);
    await waitRemoved(api, emptied, command.waitSeconds * 1000);
  }
  const removed = [...workloads, ...rest, ...emptied];
  const result: Installation = {
    kind: 'Uninstallation',
    cluster: settings.cluster,
    version: program.version,
    kubernetes,
    written: command.yes,
    objects: removed.map((object) => ({ target: objectId(object), result: 'removed' })),
    notReady: [],
    stays: [...stays, ...(await staysOf(api, own))],
    notes:
      command.yes || removed.length === 0
        ? []
        : [
            'Add --yes to remove these. WEKA storage and everything else that the repository asks for runs on.',
          ],
  };
  program.console.print(
    command.output === 'json' ? `${escapedJson(result)}\n` : installationText(result, program.console),
  );
  return command.yes || removed.length === 0 ? 0 : 1;
}

/** What stays whatever happens, and for whom. */
async function staysOf(api: KubeApi, own: ApplySetParent): Promise<Obstacles> {
  const classes = wekaPriorityClasses().map(({ metadata }) => metadata.name);
  return [
    ...(await kept(api, own)),
    ...(await membersStay(api, own)),
    { target: classes.join(', '), why: 'Pods of WEKA that are made again need their PriorityClasses.' },
    {
      target: `${STATE_FOLDER} and ${KEPT_FOLDER} of the nodes`,
      why: 'Drivers that are loaded are kept there; remove these folders where WEKA is not to come back.',
    },
  ];
}

/** What a pass wrote for the passes after it, as far as it is there. */
async function kept(api: KubeApi, { name, namespace }: ApplySetParent): Promise<Obstacles> {
  const { lock, authority } = driverNames(name);
  const all = [
    [
      'ConfigMap',
      name,
      'It records what was made for the repository, for the next installation to go on from.',
    ],
    [
      'ConfigMap',
      lock,
      'It says which packages of drivers are trusted; without it that is known only of those that nodes were asked for.',
    ],
    [
      'Secret',
      authority,
      'Distribution services and builders of drivers have their certificates of it, and run on.',
    ],
  ] as const;
  const found = await Promise.all(
    all.map(async ([kind, called, why]) => {
      const target = objectId({ apiVersion: 'v1', kind, metadata: { name: called, namespace } });
      const seen = await isThere(api, kind, { name: called, namespace });
      if (seen === true) return [{ target, why }];
      return seen === false ? [] : [{ target, why: `It could not be looked at: ${seen.message}` }];
    }),
  );
  return found.flat();
}

/** Whether an object is there, of which nothing else is read; what was removed by then is to be told all the same. */
async function isThere(
  api: KubeApi,
  kind: 'ConfigMap' | 'Secret',
  { name, namespace }: ApplySetParent,
): Promise<boolean | ApiError> {
  const fieldSelector = `metadata.name=${name}`;
  try {
    const found = await list(api, {
      kind: installedKind({ apiVersion: 'v1', kind }),
      namespace,
      fieldSelector,
      metadataOnly: true,
    });
    return found.length > 0;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

async function membersStay(api: KubeApi, own: ApplySetParent): Promise<Obstacles> {
  const target = 'What was made for the repository';
  try {
    const { objects, pods } = await countMembers(api, `${PART_OF}=${applySetId(own)}`);
    const running = pods === 0 ? '' : `, ${count(pods, 'pod')} of WEKA among them`;
    return objects === 0
      ? []
      : [{ target, why: `${count(objects, 'object')}${running}: all of it runs on.` }];
  } catch (error) {
    // What was removed by then is to be told all the same.
    if (!(error instanceof ApiError)) throw error;
    return [{ target, why: `It could not be counted: ${error.message} All of it runs on.` }];
  }
}
