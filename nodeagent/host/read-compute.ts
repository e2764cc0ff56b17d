import type { Cpus, HugePages, NumaNode } from '../../schemas/node/compute.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { parseCpuInfo, parseSmtControl, threadsPerCore } from '../observe/cpu-info.ts';
import { parseMemTotal } from '../observe/mem-info.ts';
import { numberFrom } from '../observe/number.ts';
import { known } from '../observe/reading.ts';
import { freePages } from '../observe/steps.ts';
import { meaningOfAbsence } from './absence.ts';
import type { Host, HostPath } from './host.ts';

/** The file has a kilobyte or two for each CPU. */
const CPU_INFO = { maxBytes: 8 << 20 };

export async function readCpus(host: Host): Promise<Observed<Cpus>> {
  return known(await host.text('/proc/cpuinfo', CPU_INFO), parseCpuInfo);
}

export async function readHyperThreading(host: Host): Promise<Observed<'on' | 'off' | 'unsupported'>> {
  const control = await host.text('/sys/devices/system/cpu/smt/control');
  // Kernels before 4.19 have no such file.
  if (control.state === 'absent') return known(await host.text('/proc/cpuinfo', CPU_INFO), threadsPerCore);
  return known(control, parseSmtControl);
}

export async function readMemory(host: Host): Promise<Observed<number>> {
  return known(await host.text('/proc/meminfo'), parseMemTotal);
}

export async function readIommu(host: Host): Promise<Observed<'on' | 'off'>> {
  const groups = await host.list('/sys/kernel/iommu_groups');
  const answer = await meaningOfAbsence(host, groups, { beside: '/sys/kernel', means: 'off' as const });
  return answer ?? known(groups, (entries) => (entries.length > 0 ? 'on' : 'off'));
}

interface NodeFolder {
  readonly id: number;
  readonly path: HostPath;
}

export async function readNumaNodes(host: Host): Promise<Observed<readonly NumaNode[]>> {
  const folders = await nodeFolders(host);
  if (!isKnown(folders)) return folders;
  return await Promise.all(
    folders.map(async ({ id, path }) => {
      const [cpus, memory] = await Promise.all([host.text(`${path}/cpulist`), host.text(`${path}/meminfo`)]);
      return { id, cpus: known(cpus, (text) => text.trim()), memoryMiB: known(memory, parseMemTotal) };
    }),
  );
}

/** Huge pages by NUMA node; of the whole machine where the kernel knows no nodes. */
export async function readHugePages(host: Host): Promise<Observed<readonly HugePages[]>> {
  const folders = await nodeFolders(host);
  if (!isKnown(folders)) return folders;
  const parts =
    folders.length === 0
      ? [await readPools(host, '/sys/kernel/mm', {})]
      : await Promise.all(folders.map(async ({ id, path }) => await readPools(host, path, { numaNode: id })));
  const missing = parts.find((part) => !isKnown(part));
  if (missing !== undefined && !isKnown(missing)) return missing;
  return parts
    .filter(isKnown)
    .flat()
    .toSorted((a, b) => a.sizeKiB - b.sizeKiB || (a.numaNode ?? 0) - (b.numaNode ?? 0));
}

async function readPools(
  host: Host,
  parent: HostPath,
  node: { readonly numaNode?: number },
): Promise<Observed<readonly HugePages[]>> {
  const pools = await host.list(`${parent}/hugepages`);
  // A kernel can be built without huge pages.
  const answer = await meaningOfAbsence(host, pools, { beside: parent, means: [] });
  if (answer !== undefined) return answer;
  if (pools.state !== 'read') return unknown(pools.reason);
  const found = await Promise.all(
    pools.value.map(async ({ name, path }) => {
      const [, kiB] = /^hugepages-(\d{1,12})kB$/.exec(name) ?? [];
      return kiB === undefined ? undefined : await readPool(host, path, { sizeKiB: Number(kiB), ...node });
    }),
  );
  return found.filter((pool) => pool !== undefined);
}

async function readPool(
  host: Host,
  path: HostPath,
  pool: { readonly sizeKiB: number; readonly numaNode?: number },
): Promise<HugePages> {
  const number = async (file: string): Promise<Observed<number>> =>
    known(await host.text(`${path}/${file}`), (text) => numberFrom(0, text));
  const [total, free] = await Promise.all([number('nr_hugepages'), number('free_hugepages')]);
  return {
    ...pool,
    total,
    free: isKnown(total) && isKnown(free) ? freePages(free, total, pool.sizeKiB) : free,
  };
}

async function nodeFolders(host: Host): Promise<Observed<readonly NodeFolder[]>> {
  const listing = await host.list('/sys/devices/system/node');
  const answer = await meaningOfAbsence(host, listing, { beside: '/sys/devices/system', means: [] });
  if (answer !== undefined) return answer;
  return known(listing, (entries) =>
    entries
      .flatMap(({ name, path }): NodeFolder[] => {
        const [, id] = /^node(\d{1,6})$/.exec(name) ?? [];
        return id === undefined ? [] : [{ id: Number(id), path }];
      })
      .toSorted((a, b) => a.id - b.id),
  );
}
