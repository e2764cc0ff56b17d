import { record } from '../kube/json.ts';
import { millis, units } from './amounts.ts';

/** What WEKA's containers take of a node and nodes have; 0 for what is not there. */
export interface Resources {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly hugePages2MiBytes: number;
  readonly hugePages1GiBytes: number;
  readonly ephemeralBytes: number;
  /** Signed drives, where whole ones are used (weka-operator §2.3). */
  readonly drives: number;
  /** GiB of shared drives, of either type. */
  readonly tlcGiB: number;
  readonly qlcGiB: number;
}

/** Each resource by the name that Kubernetes has for it, in the unit it is counted in. */
const NAMES = {
  cpuMillis: ['cpu', millis],
  memoryBytes: ['memory', units],
  hugePages2MiBytes: ['hugepages-2Mi', units],
  hugePages1GiBytes: ['hugepages-1Gi', units],
  ephemeralBytes: ['ephemeral-storage', units],
  drives: ['weka.io/drives', units],
  tlcGiB: ['weka.io/shared-drives-capacity', units],
  qlcGiB: ['weka.io/shared-drives-capacity-qlc', units],
} as const satisfies Record<keyof Resources, readonly [string, (quantity: unknown) => number]>;

const FIELDS = Object.keys(NAMES) as readonly (keyof Resources)[];

export const NOTHING: Resources = resources(() => 0);

/** Resources of which each is what `amount` says. */
export function resources(amount: (name: keyof Resources) => number): Resources {
  return {
    cpuMillis: amount('cpuMillis'),
    memoryBytes: amount('memoryBytes'),
    hugePages2MiBytes: amount('hugePages2MiBytes'),
    hugePages1GiBytes: amount('hugePages1GiBytes'),
    ephemeralBytes: amount('ephemeralBytes'),
    drives: amount('drives'),
    tlcGiB: amount('tlcGiB'),
    qlcGiB: amount('qlcGiB'),
  };
}

/** A list of quantities by resource, as nodes and containers have it. */
export function parseResources(list: unknown): Resources {
  const given = record(list);
  return resources((name) => {
    const [key, amount] = NAMES[name];
    return key in given ? amount(given[key]) : 0;
  });
}

export function plus(one: Resources, other: Resources): Resources {
  if (other === NOTHING) return one;
  return one === NOTHING ? other : combined(one, other, (a, b) => a + b);
}

export function minus(one: Resources, other: Resources): Resources {
  return other === NOTHING ? one : combined(one, other, (a, b) => a - b);
}

/** The larger of both, for each resource. */
export function most(one: Resources, other: Resources): Resources {
  return other === NOTHING ? one : combined(one, other, Math.max);
}

function combined(one: Resources, other: Resources, by: (a: number, b: number) => number): Resources {
  return {
    cpuMillis: by(one.cpuMillis, other.cpuMillis),
    memoryBytes: by(one.memoryBytes, other.memoryBytes),
    hugePages2MiBytes: by(one.hugePages2MiBytes, other.hugePages2MiBytes),
    hugePages1GiBytes: by(one.hugePages1GiBytes, other.hugePages1GiBytes),
    ephemeralBytes: by(one.ephemeralBytes, other.ephemeralBytes),
    drives: by(one.drives, other.drives),
    tlcGiB: by(one.tlcGiB, other.tlcGiB),
    qlcGiB: by(one.qlcGiB, other.qlcGiB),
  };
}

/** How often `wanted` fits into `free`. */
export function timesIn(wanted: Resources, free: Resources): number {
  let times = Number.POSITIVE_INFINITY;
  for (const name of FIELDS) {
    if (wanted[name] > 0) times = Math.min(times, Math.max(0, Math.floor(free[name] / wanted[name])));
  }
  return times;
}

/** What of `wanted` is not in `free`. */
export function lacking(wanted: Resources, free: Resources): Resources {
  return resources((name) => (wanted[name] > 0 ? Math.max(0, wanted[name] - Math.max(0, free[name])) : 0));
}

const MIB = 2 ** 20;

/** `2 cores, 3,000 MiB of huge pages and 1 drive`; empty for nothing. */
export function resourceWords(amount: Resources): string {
  const parts = FIELDS.flatMap((name) => (amount[name] > 0 ? [words(name, amount[name])] : []));
  return listWords(parts);
}

/** `a, b and c`. */
export function listWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function words(name: keyof Resources, amount: number): string {
  switch (name) {
    case 'cpuMillis':
      return amount === 1000 ? '1 core' : `${grouped(amount / 1000)} cores`;
    case 'memoryBytes':
      return `${mebibytes(amount)} of memory`;
    case 'hugePages2MiBytes':
      return `${mebibytes(amount)} of huge pages`;
    case 'hugePages1GiBytes':
      return `${mebibytes(amount)} of 1 GiB huge pages`;
    case 'ephemeralBytes':
      return amount < 2 ** 30
        ? `${mebibytes(amount)} of disk`
        : `${grouped(Math.ceil(amount / 2 ** 30))} GiB of disk`;
    case 'drives':
      return amount === 1 ? '1 drive' : `${grouped(amount)} drives`;
    case 'tlcGiB':
      return `${grouped(amount)} GiB of shared drives`;
    case 'qlcGiB':
      return `${grouped(amount)} GiB of shared QLC drives`;
  }
}

function mebibytes(bytes: number): string {
  return `${grouped(Math.ceil(bytes / MIB))} MiB`;
}

function grouped(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
