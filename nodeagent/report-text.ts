import type { NodeObservation, NodeReport } from '../schemas/node-report.ts';
import { isKnown, type Observed, type Unknown } from '../schemas/node/observed.ts';
import { printable } from './printable.ts';

/** A report for people: a line for each fact, and why what is unknown is unknown. */
export function reportText({ node, observed }: NodeReport): string {
  const rows = ROWS.flatMap(([label, lines]) =>
    lines(observed).map((line, index) => [index === 0 ? label : '', line] as const),
  );
  const width = Math.max(...ROWS.map(([label]) => label.length)) + 2;
  const body = rows.map(([label, line]) => `  ${label.padEnd(width)}${printable(line)}\n`).join('');
  return `Node ${printable(node)}\n${body}`;
}

type Row = readonly [label: string, lines: (seen: NodeObservation) => readonly string[]];

const ROWS: readonly Row[] = [
  ['Boot', ({ bootId }) => [said(bootId, String)]],
  [
    'System',
    ({ os }) => [said(os, (it) => words(it.id, it.versionId, it.version, it.variantId, it.buildId))],
  ],
  ['Kernel', ({ kernel }) => [said(kernel, (it) => `${it.release} ${it.architecture}, ${it.build}`)]],
  ['Headers for', ({ headers }) => [said(headers, listed)]],
  [
    'Modules',
    ({ modules }) => [
      said(modules, (all) => {
        const foreign = all.filter(({ taints }) => taints !== undefined).map(({ name }) => name);
        return `${all.length} loaded${foreign.length === 0 ? '' : `, not of the kernel: ${listed(foreign)}`}`;
      }),
    ],
  ],
  ['Module loading', ({ moduleLoading }) => [said(moduleLoading, String)]],
  ['Signatures', ({ moduleSignatures }) => [said(moduleSignatures, String)]],
  ['Lockdown', ({ lockdown }) => [said(lockdown, String)]],
  ['Secure Boot', ({ secureBoot }) => [said(secureBoot, String)]],
  [
    'CPUs',
    ({ cpus }) => [
      said(cpus, (it) =>
        [
          counted(it.threads, 'CPU'),
          `cores ${said(it.cores, String)}`,
          `sockets ${said(it.sockets, String)}`,
          said(it.model, String),
          it.features.includes('avx2') ? 'AVX2' : 'no AVX2',
        ].join(', '),
      ),
    ],
  ],
  ['Hyper-threading', ({ hyperThreading }) => [said(hyperThreading, String)]],
  ['Memory', ({ memoryMiB }) => [said(memoryMiB, (it) => `${it} MiB`)]],
  [
    'NUMA',
    ({ numaNodes }) =>
      each(
        numaNodes,
        (it) => `node ${it.id}: CPUs ${said(it.cpus, String)}, ${said(it.memoryMiB, String)} MiB`,
      ),
  ],
  [
    'Huge pages',
    ({ hugePages }) =>
      each(hugePages, (it) => {
        const where = it.numaNode === undefined ? '' : ` on node ${it.numaNode}`;
        return `${it.sizeKiB} KiB${where}: ${said(it.total, String)}, free ${said(it.free, String)}`;
      }),
  ],
  ['IOMMU', ({ iommu }) => [said(iommu, String)]],
  [
    'CPU manager',
    ({ cpuManager }) => [
      said(cpuManager, (it) => `${it.policy}${it.sharedCpus === '' ? '' : `, shared CPUs ${it.sharedCpus}`}`),
    ],
  ],
  [
    'WEKA folder',
    ({ persistence }) => [
      said(persistence, (it) => {
        if (!isKnown(it.exists)) return `${it.path}: ${said(it.exists, String)}`;
        const space = `${said(it.freeGiB, String)} of ${said(it.totalGiB, String)} GiB free`;
        const place = `${said(it.fileSystem, String)} at ${said(it.mountPoint, String)}, ${space}`;
        return `${it.path}${it.exists === 'yes' ? '' : ' (not there yet)'}: ${place}`;
      }),
    ],
  ],
  ['XFS tools', ({ xfsTools }) => [said(xfsTools, listed)]],
  [
    'WEKA mounts',
    ({ wekaMounts }) =>
      each(
        wekaMounts,
        (it) => `${it.interface === '' ? 'driver' : it.interface}: ${said(it.active, String)} active`,
      ),
  ],
  [
    'Disks',
    ({ blockDevices }) =>
      each(blockDevices, (it) =>
        [
          it.name,
          said(it.sizeBytes, (bytes) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`),
          ...(it.model === undefined ? [] : [said(it.model, String)]),
          ...(it.serial === undefined ? [] : [`serial ${said(it.serial, String)}`]),
          ...(it.pciAddress === undefined ? [] : [it.pciAddress]),
        ].join(', '),
      ),
  ],
  [
    'Network',
    ({ networkInterfaces }) =>
      each(networkInterfaces, (it) =>
        [
          `${it.name} ${said(it.link, String)}`,
          said(it.addresses, (all) => (all.length === 0 ? 'no address' : all.join(' '))),
          `MTU ${said(it.mtu, String)}`,
          `speed ${said(it.speedMbps, (mbps) => `${mbps} Mbit/s`)}`,
          ...(it.driver === undefined ? [] : [it.driver]),
          ...(it.pciAddress === undefined ? [] : [it.pciAddress]),
          ...(it.pciId === undefined ? [] : [said(it.pciId, String)]),
        ].join(', '),
      ),
  ],
];

function said<Value>(value: Observed<Value>, say: (value: Exclude<Value, Unknown>) => string): string {
  return isKnown(value) ? say(value) : `unknown (${(value as Unknown).unknown.replace(/\.$/, '')})`;
}

/** A line for each; `none` where there is none. */
function each<Item>(list: Observed<Item[]>, say: (item: Item) => string): readonly string[] {
  if (!isKnown(list)) return [said(list, String)];
  const items: readonly Item[] = list;
  return items.length === 0 ? ['none'] : items.map(say);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}
