import type { ClusterSpec } from '../../../schemas/weka/cluster-spec.ts';
import { hugePagesMiB, memoryMiB, cpuMillis, diskGiB, type SizedRole } from '../desired/sizing.ts';
import type { Facts } from '../facts/facts.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { listWords, NOTHING, plus, type Resources } from '../facts/resources.ts';
import { imageVersion } from '../lint/client/image-version.ts';
import { countingDrives, nodeInTime } from '../lint/facts/placed.ts';
import { podsAsWanted } from '../lint/facts/pods-as-wanted.ts';
import { type Candidate, type Survey, survey } from '../lint/facts/survey.ts';
import type { SpecSet } from '../lint/spec-rule.ts';
import { holdingsOf } from '../placement/holdings.ts';
import { seatAll } from '../placement/place.ts';
import type { Wants } from '../placement/wanted.ts';

/** Containers of one kind that a node hosts, is to host, or may have to. */
export interface Hosted {
  /** As the label `weka.io/mode` has it; `any` where nothing says what nodes are for. */
  readonly mode: string;
  /** `drive of demo`, `client mounts`. */
  readonly words: string;
  /** What of these words differs among containers of one manifest, and what does not: `drive` and `of demo`. */
  readonly role: string;
  readonly of: string;
  /** The manifest, as `ownerKey` says it. */
  readonly owner: string;
  /** How many; 0 where others take what there is to host, and it only may have to. */
  readonly count: number;
  /** What these take of the node together; the larger amount where nothing tells of hyper-threading. */
  readonly need: Resources;
  /** Of these, the cores that they take even where the node turns out to have none. */
  readonly leastCpuMillis: number;
  /** What they should find under the persistence folder; 0 where that is not on the node. */
  readonly diskGiB: number;
  /** Whole drives of their own. */
  readonly drives: number;
  /** Whether they use drives that others use too. */
  readonly sharesDrives: boolean;
  /** Whether the kubelet has to give them cores of their own. */
  readonly pinned: boolean;
  readonly network: ClusterSpec['network'];
  /** Version of WEKA, such as `4.4.1`; undefined where the image does not say. */
  readonly version: string | undefined;
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/**
 * What each node hosts, by its name; nodes that no manifest is for are not in it. It is where placement puts containers.
 * A role that finds too few nodes may have to be on any of its nodes: each of these is then held against one container of
 * it, since what a node lacks today is what keeps it from being chosen.
 */
export function hostedByNode(set: SpecSet, facts: Facts): ReadonlyMap<string, readonly Hosted[]> {
  const hosted = new Map<string, Hosted[]>();
  const add = (node: string, each: Hosted) => {
    const its = hosted.get(node);
    if (its === undefined) hosted.set(node, [each]);
    else its.push(each);
  };
  const asked = survey(set, facts);
  const { clusters, clients } = asked;
  const seats = seatsOf(asked, facts);
  for (const { spec, owner, roles } of clusters) {
    const { metadata, spec: cluster } = spec.cluster;
    for (const { need, candidates } of roles) {
      const { shape } = need;
      const here = seats.get(`${owner} ${shape.mode}`) ?? new Map<string, number>();
      const seated = [...here.values()].reduce((sum, each) => sum + each, 0);
      const least = seated < need.containers ? 1 : 0;
      for (const [candidate, count] of hostsAmong(candidates, here, least)) {
        add(candidate.node.name, {
          mode: shape.mode,
          words: `${need.words} of ${metadata.name}`,
          role: need.words,
          of: `of ${metadata.name}`,
          owner,
          count,
          need: times(candidate.need, count),
          leastCpuMillis: candidate.least.cpuMillis * count,
          diskGiB: (need.diskBytes / GIB) * count,
          drives: (shape.drives?.count ?? 0) * count,
          sharesDrives: shape.sharesDrives,
          pinned: cluster.cpuPolicy !== 'shared',
          network: cluster.roleNetworkSelector?.[need.role] ?? cluster.network,
          version: imageVersion(cluster.image)?.number,
        });
      }
    }
  }
  for (const { spec, owner, diskBytes, candidates } of clients) {
    const { metadata, spec: client } = spec.client;
    // A client goes to every node that it may be on, and takes what the others leave.
    for (const [candidate, count] of hostsAmong(candidates, new Map(), 1)) {
      add(candidate.node.name, {
        mode: 'client',
        words: `client ${metadata.name}`,
        role: 'client',
        of: metadata.name,
        owner,
        count,
        need: times(candidate.need, count),
        leastCpuMillis: candidate.least.cpuMillis * count,
        diskGiB: (diskBytes / GIB) * count,
        drives: 0,
        sharesDrives: false,
        pinned: client.cpuPolicy !== 'shared',
        network: client.network,
        version: imageVersion(client.image)?.number,
      });
    }
  }
  return hosted;
}

/** How many containers of each kind of the clusters placement puts on which node. */
function seatsOf(asked: Survey, facts: Facts): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const all = asked.clusters.map(({ wants }) => wants);
  const wants: Wants = {
    containers: all.flatMap(({ containers }) => containers.map(countingDrives)),
    ranges: all.flatMap(({ ranges }) => ranges),
  };
  const pods = podsAsWanted(facts.pods, wants);
  const nodes = facts.nodes.map((node) => nodeInTime(node, asked));
  const seats = new Map<string, Map<string, number>>();
  // Why others find no node is what the checks tell.
  for (const { wanted, node } of seatAll({ wants, nodes, pods, holdings: holdingsOf(pods) }).seats) {
    const key = `${wanted.shape.owner} ${wanted.shape.mode}`;
    const byNode = seats.get(key) ?? new Map<string, number>();
    byNode.set(node.name, (byNode.get(node.name) ?? 0) + 1);
    seats.set(key, byNode);
  }
  return seats;
}

/** Nodes that host containers of a kind, or may: `least` of them where nothing keeps them off and none is there. */
function* hostsAmong(
  candidates: readonly Candidate[],
  here: ReadonlyMap<string, number>,
  least: number,
): Generator<readonly [Candidate, number]> {
  for (const candidate of candidates) {
    const count = here.get(candidate.node.name);
    if (count !== undefined) yield [candidate, count];
    else if (candidate.barred === undefined) yield [candidate, least];
  }
}

function times(need: Resources, count: number): Resources {
  let sum = NOTHING;
  for (let each = 0; each < count; each++) sum = plus(sum, need);
  return sum;
}

/** Containers of which a node without manifests is held against the largest, each of one core. */
const SMALLEST: readonly { readonly role: SizedRole; readonly drives: number }[] = [
  { role: 'drive', drives: 1 },
  { role: 'compute', drives: 0 },
  { role: 'client', drives: 0 },
];

/** One container of one core, whichever it is: what every node for WEKA has to have room for. */
export function anyContainer({ hyperThreading }: Pick<NodeFacts, 'hyperThreading'>): Hosted {
  const most = (amount: (each: (typeof SMALLEST)[number]) => number) =>
    Math.max(...SMALLEST.map((each) => amount(each)));
  const one = { cores: 1, extraCores: 0 };
  const cores = (isThreaded: boolean) =>
    most(({ role }) => cpuMillis({ ...one, role, policy: 'auto', hyperThreading: isThreaded }) ?? 0);
  return {
    mode: 'any',
    words: 'any container of one core',
    role: 'any container',
    of: 'of one core',
    owner: '',
    count: 1,
    need: {
      ...NOTHING,
      cpuMillis: cores(hyperThreading ?? true),
      memoryBytes: MIB * most(({ role, drives }) => memoryMiB({ ...one, role, drives })),
      hugePages2MiBytes: MIB * most(({ role, drives }) => hugePagesMiB({ cores: 1, role, drives })),
    },
    leastCpuMillis: cores(hyperThreading ?? false),
    diskGiB: diskGiB(1),
    drives: 0,
    sharesDrives: false,
    pinned: true,
    network: undefined,
    version: undefined,
  };
}

const BUILDER = 'drivers-builder';

/** A node that builds drivers. It takes next to nothing of it. */
export function driverBuilder(): Hosted {
  return {
    mode: BUILDER,
    words: 'the driver builder',
    role: 'the driver builder',
    of: '',
    owner: '',
    count: 0,
    need: NOTHING,
    leastCpuMillis: 0,
    diskGiB: 0,
    drives: 0,
    sharesDrives: false,
    pinned: false,
    network: undefined,
    version: undefined,
  };
}

/** What all of them need together. */
export function needOf(hosted: readonly Hosted[]): Resources {
  let sum = NOTHING;
  for (const { need } of hosted) sum = plus(sum, need);
  return sum;
}

/** `drive of demo`, `2 drive of demo`, `spare for drive of demo`. */
export function hostWords({ words, count, mode }: Hosted): string {
  if (count === 0) return mode === BUILDER ? words : `spare for ${words}`;
  return count === 1 ? words : `${count} ${words}`;
}

/** `for drive and compute of demo`; empty for none. */
export function forWhom(hosted: readonly Hosted[]): string {
  const there = Map.groupBy(
    hosted.filter(({ count }) => count > 0),
    ({ owner }) => owner,
  );
  if (there.size === 0) return '';
  const each = [...there.values()].map((its) => {
    const roles = its.map(({ role, count }) => (count === 1 ? role : `${count} ${role}`));
    return `${listWords(roles)} ${its[0]?.of ?? ''}`;
  });
  return `for ${listWords(each)}`;
}
