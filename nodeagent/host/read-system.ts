import type { OperatingSystem } from '../../schemas/node-report.ts';
import { type Observed, unknown } from '../../schemas/node/observed.ts';
import type { CpuManager } from '../../schemas/node/compute.ts';
import { parseCpuManagerState } from '../observe/cpu-manager.ts';
import { parseOsRelease } from '../observe/os-release.ts';
import { known } from '../observe/reading.ts';
import type { Host } from './host.ts';

/** What the host calls itself; kubelet takes this for the node's name unless it is told another. */
export async function readHostName(host: Host): Promise<Observed<string>> {
  return known(await host.text('/proc/sys/kernel/hostname'), (text) => {
    const name = text.trim().toLowerCase();
    return name === '' || name === '(none)' ? unknown('The host has no name.') : name;
  });
}

export async function readBootId(host: Host): Promise<Observed<string>> {
  return known(await host.text('/proc/sys/kernel/random/boot_id'), (text) => text.trim());
}

export async function readOperatingSystem(host: Host): Promise<Observed<OperatingSystem>> {
  const own = await host.text('/etc/os-release');
  return known(own.state === 'absent' ? await host.text('/usr/lib/os-release') : own, parseOsRelease);
}

export async function readCpuManager(host: Host): Promise<Observed<CpuManager>> {
  return known(
    await host.text('/var/lib/kubelet/cpu_manager_state', { maxBytes: 4 << 20 }),
    parseCpuManagerState,
  );
}
