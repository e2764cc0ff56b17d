import { mkdir } from 'node:fs/promises';
import { describeEnd } from '../build/run-child.ts';
import { boundedCommand, type CommandRun } from './bounded-command.ts';
import { MountError } from './errors.ts';

const FOLDER = '/tmp/ovl-libmodules';
const MODULES = '/lib/modules';

/** Lays a file system in memory over the node's modules: the vendor's command writes there, and the node keeps none of it. */
export async function overlayModules(run: CommandRun): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const mount = async (...args: readonly string[]) => {
    const end = await boundedCommand(run, ['mount', ...args]);
    if (end.how === 'exited' && end.exitCode === 0) return;
    throw new MountError(`Nothing can be laid over ${MODULES}: mount ended with ${describeEnd(end)}.`, {
      hint: 'Let the pod be privileged, with /lib/modules of the node in it.',
      lastLines: run.output.lines,
    });
  };
  await mount('-t', 'tmpfs', '-o', 'size=512m', 'tmpfs', FOLDER);
  await mkdir(`${FOLDER}/upper`);
  await mkdir(`${FOLDER}/work`);
  const folders = `lowerdir=${MODULES},upperdir=${FOLDER}/upper,workdir=${FOLDER}/work`;
  await mount('-t', 'overlay', '-o', folders, 'overlay', MODULES);
}

/** Modules of the node's own kernel that WEKA wants where they can be had; without them it works in another way, or says so itself. */
export async function loadKernelParts(run: CommandRun, hasIommu: boolean): Promise<void> {
  for (const name of [...(hasIommu ? ['vfio-pci'] : []), 'arp_tables']) {
    await boundedCommand(run, ['modprobe', name]);
  }
}
