import { isRecord, record, records } from '../kube/json.ts';

/** A drive that several containers share (weka-operator §4.3). */
export interface SharedDrive {
  readonly serial: string;
  readonly capacityGiB: number;
  readonly type: 'TLC' | 'QLC';
}

/** What the operator, or we in its stead, wrote on a node. What is undefined was not written, or cannot be read. */
export interface NodeAnnotations {
  /** Serials of signed drives. */
  readonly drives: readonly string[] | undefined;
  /** Serials that must not be used. */
  readonly blocked: ReadonlySet<string>;
  readonly shared: readonly SharedDrive[] | undefined;
  readonly discovery: Discovery | undefined;
  /** Names of the annotations that cannot be read. */
  readonly damaged: readonly string[];
}

/** What a look at the node found (weka-operator §6.1). */
export interface Discovery {
  readonly hyperThreading: boolean;
  readonly os: string | undefined;
  readonly cpus: number | undefined;
}

/** The annotations of a node that say which drives it has. */
export const DRIVES = 'weka.io/weka-drives';
export const BLOCKED = 'weka.io/blocked-drives';
export const SHARED = 'weka.io/weka-shared-drives';
const DISCOVERY = 'weka.io/discovery.json';

/** Reads what is written on a node about its drives and cores. Whatever stands there, it never throws. */
export function parseNodeAnnotations(annotations: Readonly<Record<string, string>>): NodeAnnotations {
  const damaged: string[] = [];
  const read = <Value>(name: string, parse: (value: unknown) => Value | undefined): Value | undefined => {
    const text = annotations[name];
    if (text === undefined || text.trim() === '') return undefined;
    const value = parse(json(text));
    if (value === undefined) damaged.push(name);
    return value;
  };
  return {
    drives: read(DRIVES, serials),
    blocked: new Set(read(BLOCKED, serials)),
    shared: read(SHARED, sharedDrives),
    discovery: read(DISCOVERY, discovery),
    damaged,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function serials(value: unknown): readonly string[] | undefined {
  const isWhole = Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
  return isWhole ? [...new Set(value as readonly string[])] : undefined;
}

function sharedDrives(value: unknown): readonly SharedDrive[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const drives = records(value).flatMap(({ serial, capacity_gib: capacityGiB, type }) =>
    typeof serial === 'string' && typeof capacityGiB === 'number' && capacityGiB >= 0
      ? [{ serial, capacityGiB, type: type === 'QLC' ? ('QLC' as const) : ('TLC' as const) }]
      : [],
  );
  return drives.length === value.length ? drives : undefined;
}

function discovery(value: unknown): Discovery | undefined {
  if (!isRecord(value)) return undefined;
  const { is_ht: hyperThreading, os, num_cpus: cpus } = record(value);
  if (typeof hyperThreading !== 'boolean') return undefined;
  return {
    hyperThreading,
    os: typeof os === 'string' && os !== '' ? os : undefined,
    cpus: typeof cpus === 'number' ? cpus : undefined,
  };
}
