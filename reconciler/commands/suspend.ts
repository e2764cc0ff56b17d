import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { Config } from '../config/config.ts';
import { brakeNames } from '../core/plan/brake.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { Program } from '../program.ts';

/** Keeps every pass, of whichever process, from writing anything. */
export async function suspendCommand(
  { flags, reason }: Extract<Command, { verb: 'suspend' }>,
  program: Program,
): Promise<ExitCode> {
  const config = await program.config(flags);
  await using cluster = await program.cluster(config);
  const { namespace } = config.installation;
  const home: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  if ((await cluster.get(home)) === undefined) await cluster.apply(home, { force: false });
  const since = program.clock.now().toISOString();
  await cluster.apply({ ...suspension(config), data: { reason, since } }, { force: true });
  program.console.print(`Suspended ${config.cluster}: nothing is written until weka-gitops resume.\n`);
  return 0;
}

/** Lets passes write again. */
export async function resumeCommand(
  { flags }: Extract<Command, { verb: 'resume' }>,
  program: Program,
): Promise<ExitCode> {
  const config = await program.config(flags);
  await using cluster = await program.cluster(config);
  const found = await cluster.get(suspension(config));
  if (found === undefined) {
    const elsewhere = 'Settings may suspend it too, by spec.suspend';
    program.console.print(`${config.cluster} was not suspended by weka-gitops suspend. ${elsewhere}.\n`);
    return 0;
  }
  await cluster.delete(found);
  program.console.print(`Resumed ${config.cluster}.\n`);
  return 0;
}

function suspension({ installation }: Config): KubeObject {
  const { suspend: name } = brakeNames(installation.name);
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: installation.namespace } };
}
