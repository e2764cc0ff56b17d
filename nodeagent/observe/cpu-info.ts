import type { Cpus } from '../../schemas/node/compute.ts';
import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** Of what a processor can do, what WEKA and its drivers ask for, or what tells a guest from a machine. */
const FEATURES = ['aes', 'asimd', 'avx', 'avx2', 'avx512f', 'hypervisor', 'pdpe1gb', 'sse4_2'];

/** The processors by `/proc/cpuinfo`, which names other things on each architecture. */
export function parseCpuInfo(text: string): Observed<Cpus> {
  const threads = text
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => fields.has('processor'));
  const [first] = threads;
  if (first === undefined) return unknown('/proc/cpuinfo names no processor.');
  const sockets = new Set(threads.map((thread) => thread.get('physical id')));
  const cores = new Set(threads.map((thread) => `${thread.get('physical id')}/${thread.get('core id')}`));
  const placed = threads.every((thread) => thread.has('physical id') && thread.has('core id'));
  const unplaced = unknown('/proc/cpuinfo does not say which core a CPU belongs to.');
  const has = new Set((first.get('flags') ?? first.get('Features') ?? '').split(' '));
  return {
    threads: threads.length,
    cores: placed ? cores.size : unplaced,
    sockets: placed ? sockets.size : unplaced,
    vendor: named(first, 'vendor_id', 'CPU implementer'),
    model: named(first, 'model name', 'CPU part'),
    features: FEATURES.filter((feature) => has.has(feature)),
  };
}

/** Whether a core runs several threads, where the kernel has no file for that: by the first processor. */
export function threadsPerCore(cpuInfo: string): Observed<'on' | 'off'> {
  const fields = fieldsOf(cpuInfo.split(/\n\s*\n/)[0] ?? '');
  const siblings = Number(fields.get('siblings'));
  const cores = Number(fields.get('cpu cores'));
  if (!(siblings > 0 && cores > 0))
    return unknown('The kernel does not say whether a core runs several threads.');
  return siblings > cores ? 'on' : 'off';
}

/** What `/sys/devices/system/cpu/smt/control` says. */
export function parseSmtControl(text: string): Observed<'on' | 'off' | 'unsupported'> {
  switch (text.trim()) {
    case 'on':
      return 'on';
    case 'off':
    case 'forceoff':
      return 'off';
    case 'notsupported':
      return 'unsupported';
    case 'notimplemented':
      return unknown('The kernel cannot tell hyper-threading on this architecture.');
    default:
      // Some kernels tell how many threads a core may run.
      return /^\d+$/.test(text.trim())
        ? Number(text) > 1
          ? 'on'
          : 'off'
        : unknown('The kernel tells hyper-threading in words that this version does not know.');
  }
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split('\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon === -1 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
    }),
  );
}

function named(fields: ReadonlyMap<string, string>, ...names: readonly string[]): Observed<string> {
  const value = names.map((name) => fields.get(name)).find((each) => each !== undefined && each !== '');
  return value ?? unknown(`/proc/cpuinfo has no ${names.join(' and no ')}.`);
}
