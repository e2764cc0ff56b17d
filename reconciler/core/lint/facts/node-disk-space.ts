import type { Facts } from '../../facts/facts.ts';
import { nodeUsage } from '../../facts/node-usage.ts';
import { briefOf } from '../../nodes/agent-report.ts';
import type { FactRule, SpecProblem } from '../spec-rule.ts';
import { type Placed, placed } from './placed.ts';
import { firstFew } from './shortages.ts';
import { type Candidate, type ClusterSurvey, type RoleSurvey, survey } from './survey.ts';

/**
 * WEKA wants about 10 GiB for each container and 20 GiB for each core under the persistence folder (weka-operator
 * §6.4). Where no agent tells of that disk, the node's ephemeral storage is the nearest that a cluster tells.
 */
export const nodeDiskSpace: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Containers keep state, traces and dumps on the node, and fail when its disk is full.',
  facts: 'All nodes have 60 GiB of disk for pods.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveCores: 4, numDrives: 4, computeCores: 4 }',
    right: 'spec:\n  dynamicTemplate: { driveCores: 1, computeCores: 1 }',
  },
  *checkFacts(set, facts) {
    const wanted = new Map<string, number>();
    const { clusters: asked, clients } = survey(set, facts);
    const seats = seatsOf(asked, placed(set, facts));
    for (const { role, candidate } of seats) add(wanted, candidate, role.need.diskBytes);
    for (const { candidates, diskBytes } of clients) {
      for (const candidate of candidates) if (candidate.room > 0) add(wanted, candidate, diskBytes);
    }
    const clusters = Map.groupBy(
      seats.filter(({ role }) => role.need.diskBytes > 0),
      ({ cluster }) => cluster,
    );
    for (const [{ spec }, its] of clusters) {
      const nodes = its.map(({ candidate }) => candidate);
      yield* problem(spec, `Containers of cluster ${spec.cluster.metadata.name}`, nodes, { wanted, facts });
    }
    for (const { spec, candidates, diskBytes } of clients) {
      const nodes = diskBytes > 0 ? candidates.filter(({ room }) => room > 0) : [];
      yield* problem(spec, `Client ${spec.client.metadata.name}`, nodes, { wanted, facts });
    }
  },
};

const GIB = 2 ** 30;

/** One container of a cluster on the node that it would have. */
interface Seat {
  readonly cluster: ClusterSurvey;
  readonly role: RoleSurvey;
  readonly candidate: Candidate;
}

function seatsOf(clusters: readonly ClusterSurvey[], { placements }: Placed): readonly Seat[] {
  const seated = Map.groupBy(placements, ({ owner, mode }) => `${owner} ${mode}`);
  return clusters.flatMap((cluster) =>
    cluster.roles.flatMap((role) => {
      const candidates = new Map(role.candidates.map((each) => [each.node.name, each]));
      return (seated.get(`${cluster.owner} ${role.need.shape.mode}`) ?? []).flatMap(({ allocation }) => {
        const candidate = candidates.get(allocation.node);
        return candidate === undefined ? [] : [{ cluster, role, candidate }];
      });
    }),
  );
}

function add(wanted: Map<string, number>, { node }: Candidate, bytes: number): void {
  wanted.set(node.name, (wanted.get(node.name) ?? 0) + bytes);
}

function* problem(
  spec: SpecProblem['spec'],
  who: string,
  candidates: readonly Candidate[],
  { wanted, facts }: { readonly wanted: ReadonlyMap<string, number>; readonly facts: Facts },
): Iterable<SpecProblem> {
  const short = new Set<string>();
  for (const candidate of candidates) {
    const { node } = candidate;
    const want = wanted.get(node.name) ?? 0;
    const space = spaceOn(candidate, facts);
    if (space === undefined || space >= want) continue;
    const has = Math.max(0, Math.floor(space / GIB));
    short.add(`${node.name} has ${has} of ${Math.ceil(want / GIB)} GiB`);
  }
  if (short.size === 0) return;
  yield {
    spec,
    path: ['spec'],
    message: `${who} may run out of disk, since WEKA wants 10 GiB for each container and 20 GiB for each core: ${firstFew([...short], String)}.`,
    hint: 'Enlarge the disk below /opt/k8s-weka on those nodes, or set the rule to silent if that is a disk of its own.',
  };
}

/** Bytes that there are for containers; undefined where nothing tells. */
function spaceOn({ node, free }: Candidate, facts: Facts): number | undefined {
  const report = facts.reports.get(node.name);
  const brief = report?.state === 'told' ? briefOf(report) : undefined;
  // What containers that run have written is not free, and still theirs.
  const isUsed = (nodeUsage(facts).get(node.name)?.byOwner.size ?? 0) > 0;
  const toldGiB = isUsed ? brief?.totalGiB : brief?.row.freeGiB;
  if (toldGiB !== undefined) return toldGiB * GIB;
  return node.allocatable.ephemeralBytes === 0 ? undefined : free.ephemeralBytes;
}
