import type { NodeReport } from '../../../schemas/node-report.ts';
import type { HugePages } from '../../../schemas/node/compute.ts';
import { isKnown, type Observed } from '../../../schemas/node/observed.ts';
import type { HugePagesOutput, NodeOutput } from '../../../schemas/output/node.ts';
import { prose } from '../report/plain.ts';

/** What of a report is held in memory for every node: a whole report takes a hundred times as much. */
export interface ReportBrief {
  /** Undefined where the report does not know it. */
  readonly bootId: string | undefined;
  /** Policy of the kubelet's CPU manager. */
  readonly cpuPolicy: string | undefined;
  /** Size of the file system where WEKA keeps its files. */
  readonly totalGiB: number | undefined;
  /** What tables say of the node. */
  readonly row: Readonly<Omit<NodeOutput, 'name' | 'state' | 'why'>>;
}

/** Modules that WEKA's driver packages bring (weka-operator §4.4). */
const WEKA_MODULE = /^(weka\w*|mpin_user|igb_uio)$/;
/** Longest text of a table's cell. */
const TEXT = 128;

/** Whether a kernel module is one of WEKA's. */
export function isWekaModule(name: string): boolean {
  return WEKA_MODULE.test(name);
}

/** The brief of a report. Whoever keeps it keeps nothing else of the report. */
export function reportBrief({ agentVersion, intentRefused, observed }: NodeReport): ReportBrief {
  const { bootId, kernel, headers, os, cpus, cpuManager, hyperThreading, hugePages } = observed;
  const { modules, wekaMounts, persistence } = observed;
  return {
    bootId: known(bootId),
    cpuPolicy: known(cpuManager, ({ policy }) => text(policy)),
    totalGiB: known(persistence, ({ totalGiB }) => known(totalGiB)),
    row: present({
      agent: text(agentVersion),
      intentRefused: intentRefused === undefined ? undefined : prose(intentRefused, 400),
      kernel: known(kernel, ({ release }) => text(release)),
      headers: known(headers, (all) =>
        known(kernel, ({ release }) => (all.includes(release) ? 'yes' : 'no')),
      ),
      os: known(os, ({ id, versionId }) => text(versionId === undefined ? id : `${id} ${versionId}`)),
      cpus: known(cpus, ({ threads }) => threads),
      hyperThreading: known(hyperThreading),
      hugePages: known(hugePages, bySize),
      wekaModules: known(modules, (all) =>
        all
          .filter(({ name, state }) => state === 'live' && isWekaModule(name))
          .map(({ name, version }) => {
            const told = version === undefined ? undefined : known<string>(version);
            return text(told === undefined ? name : `${name} ${told}`);
          })
          .slice(0, 16),
      ),
      wekaMounts: known(wekaMounts, (all) => sum(all.map(({ active }) => known(active)))),
      freeGiB: known(persistence, ({ freeGiB }) => known(freeGiB)),
    }),
  };
}

function known<Value>(value: Observed<Value>): Value | undefined;
function known<Value, Said>(value: Observed<Value>, say: (value: Value) => Said): Said | undefined;
function known<Value, Said>(value: Observed<Value>, say?: (value: Value) => Said): Value | Said | undefined {
  if (!isKnown(value)) return undefined;
  const seen = value as Value;
  return say === undefined ? seen : say(seen);
}

function bySize(all: readonly HugePages[]): HugePagesOutput[] {
  return [...Map.groupBy(all, ({ sizeKiB }) => sizeKiB)]
    .toSorted(([one], [other]) => one - other)
    .slice(0, 8)
    .map(([sizeKiB, pools]) =>
      present({
        sizeKiB,
        total: sum(pools.map(({ total }) => known(total))),
        free: sum(pools.map(({ free }) => known(free))),
      }),
    );
}

/** Undefined where one of them is. */
function sum(parts: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    total += part;
  }
  return total;
}

type Present<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

function present<Fields extends object>(fields: Fields): Partial<Present<Fields>> & PickDefined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Present<Fields>
  > &
    PickDefined<Fields>;
}

/** The fields that are never undefined. */
type PickDefined<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
};

/** A copy of its own, since a part of a long text keeps the whole of it in memory. */
function text(value: string): string {
  return prose(value, TEXT);
}
