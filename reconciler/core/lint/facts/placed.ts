import type { Facts } from '../../facts/facts.ts';
import { minus, type Resources, timesIn } from '../../facts/resources.ts';
import type { SpecSet } from '../spec-rule.ts';
import { type Candidate, type ClientSurvey, type ClusterSurvey, type RoleSurvey, survey } from './survey.ts';

/** One container on the node that it was put on in thought. */
interface Seat {
  readonly cluster: ClusterSurvey;
  readonly role: RoleSurvey;
  readonly candidate: Candidate;
}

/** A role for which there is room on its own, and not beside what stands before it. */
export interface Crowded {
  readonly cluster: ClusterSurvey;
  readonly role: RoleSurvey;
  readonly placed: number;
  /** Nodes that would have room but for the others, with what is left of them. */
  readonly full: readonly Candidate[];
}

/** A client of which the same is so. */
export interface CrowdedClient {
  readonly client: ClientSurvey;
  readonly placed: number;
  readonly full: readonly Candidate[];
}

export interface Placed {
  readonly seats: readonly Seat[];
  readonly crowded: readonly Crowded[];
  readonly crowdedClients: readonly CrowdedClient[];
}

const known = new WeakMap<Facts, WeakMap<SpecSet, Placed>>();

/**
 * All containers of the repository on nodes: the role with the least choice first, each on the node that has the fewest
 * so far. That this finds no room does not prove that there is none, so it only warns.
 */
export function placed(set: SpecSet, facts: Facts): Placed {
  const bySet = known.get(facts) ?? new WeakMap<SpecSet, Placed>();
  known.set(facts, bySet);
  const found = bySet.get(set) ?? place(set, facts);
  bySet.set(set, found);
  return found;
}

/** What stands on a node in thought. */
interface Load {
  readonly taken: readonly Resources[];
  readonly protocol: boolean;
}

const EMPTY: Load = { taken: [], protocol: false };

function place(set: SpecSet, facts: Facts): Placed {
  const { clusters, clients } = survey(set, facts);
  const loads = new Map<string, Load>();
  const seats: Seat[] = [];
  const crowded: Crowded[] = [];
  const asked = clusters.flatMap((cluster) => cluster.roles.map((role) => ({ cluster, role })));
  for (const { cluster, role } of asked.toSorted((a, b) => slack(a.role) - slack(b.role))) {
    const isProtocol = role.need.role === 's3' || role.need.role === 'nfs';
    const chosen = choose(role, loads, isProtocol);
    for (const candidate of chosen.seats) {
      seats.push({ cluster, role, candidate });
      take(loads, candidate, isProtocol);
    }
    if (chosen.full.length > 0 && slack(role) >= 0 && chosen.seats.length < role.need.containers) {
      crowded.push({ cluster, role, placed: chosen.seats.length, full: chosen.full });
    }
  }
  return { seats, crowded, crowdedClients: clients.flatMap((client) => crowdedClient(client, loads)) };
}

/** Nodes that a role has room on beyond those that it needs. */
function slack({ need, fitting }: RoleSurvey): number {
  return fitting.reduce((sum, { room }) => sum + room, 0) - need.containers;
}

function choose(
  { need, fitting }: RoleSurvey,
  loads: ReadonlyMap<string, Load>,
  isProtocol: boolean,
): { readonly seats: readonly Candidate[]; readonly full: readonly Candidate[] } {
  const seats: Candidate[] = [];
  const full: Candidate[] = [];
  const weight = ({ node }: Candidate) => loads.get(node.name)?.taken.length ?? 0;
  for (const candidate of fitting.toSorted((a, b) => weight(a) - weight(b))) {
    if (seats.length >= need.containers) break;
    const load = loads.get(candidate.node.name) ?? EMPTY;
    const free = load.taken.reduce(minus, candidate.free);
    const barred = isProtocol && load.protocol;
    const room = barred ? 0 : Math.min(candidate.room, timesIn(candidate.need, free));
    if (room === 0) {
      full.push({ ...candidate, free, ...(barred && { barred: 'then hosts another protocol' }) });
    }
    for (let count = 0; count < room && seats.length < need.containers; count++) seats.push(candidate);
  }
  return { seats, full };
}

function take(loads: Map<string, Load>, { node, need }: Candidate, isProtocol: boolean): void {
  const { taken, protocol } = loads.get(node.name) ?? EMPTY;
  loads.set(node.name, { taken: [...taken, need], protocol: protocol || isProtocol });
}

/** Clients go to every node of theirs, so nothing is chosen for them. */
function crowdedClient(client: ClientSurvey, loads: Map<string, Load>): readonly CrowdedClient[] {
  const full: Candidate[] = [];
  let count = 0;
  for (const candidate of client.candidates) {
    if (candidate.room === 0) continue;
    const load = loads.get(candidate.node.name) ?? EMPTY;
    const free = load.taken.reduce(minus, candidate.free);
    const barred = load.protocol ? 'then hosts S3, NFS or another client' : undefined;
    if (barred === undefined && timesIn(candidate.need, free) > 0) {
      take(loads, candidate, true);
      count += 1;
    } else full.push({ ...candidate, free, barred });
  }
  return full.length === 0 ? [] : [{ client, placed: count, full }];
}
