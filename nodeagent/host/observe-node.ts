import type { NodeObservation } from '../../schemas/node-report.ts';
import type { Host } from './host.ts';
import { readBlockDevices } from './read-block-devices.ts';
import {
  readCpus,
  readHugePages,
  readHyperThreading,
  readIommu,
  readMemory,
  readNumaNodes,
} from './read-compute.ts';
import {
  readHeaders,
  readKernel,
  readLockdown,
  readModuleLoading,
  readModuleSignatures,
  readSecureBoot,
} from './read-kernel.ts';
import { readModules } from './read-modules.ts';
import { readNetworkInterfaces } from './read-network.ts';
import { readPersistence, readWekaMounts, readXfsTools } from './read-storage.ts';
import { readBootId, readCpuManager, readOperatingSystem } from './read-system.ts';

/** Looks at everything that a report tells. What cannot be had is unknown, with the reason; nothing is changed. */
export async function observeNode(host: Host): Promise<Observation> {
  const os = readOperatingSystem(host);
  return await settled({
    bootId: readBootId(host),
    os,
    kernel: readKernel(host),
    modules: readModules(host),
    moduleLoading: readModuleLoading(host),
    moduleSignatures: readModuleSignatures(host),
    lockdown: readLockdown(host),
    secureBoot: readSecureBoot(host),
    headers: readHeaders(host),
    cpus: readCpus(host),
    hyperThreading: readHyperThreading(host),
    numaNodes: readNumaNodes(host),
    memoryMiB: readMemory(host),
    hugePages: readHugePages(host),
    iommu: readIommu(host),
    cpuManager: readCpuManager(host),
    persistence: os.then(async (seen) => await readPersistence(host, seen)),
    wekaMounts: readWekaMounts(host),
    blockDevices: readBlockDevices(host),
    xfsTools: readXfsTools(host),
    networkInterfaces: readNetworkInterfaces(host),
  });
}

/** What was seen, before the form of the report has bounded it. */
export type Observation = { readonly [Field in keyof NodeObservation]: Readonly<NodeObservation[Field]> };

async function settled(fields: {
  readonly [Field in keyof Observation]: Promise<Observation[Field]>;
}): Promise<Observation> {
  const values = await Promise.all(
    Object.entries(fields).map(async ([name, value]) => [name, await value] as const),
  );
  return Object.fromEntries(values) as unknown as Observation;
}
