import type { WekaCluster } from '../../../../schemas/weka-cluster.ts';
import type { Facts } from '../../facts/facts.ts';
import type { Refusal } from '../../placement/result.ts';
import { wantedKey } from '../../placement/wanted.ts';
import type { SpecSet } from '../spec-rule.ts';
import { placed } from './placed.ts';
import type { RoleNeed } from './role-needs.ts';
import { survey } from './survey.ts';

/** What of the repository finds no node where all of it is placed, with its containers called as manifests know them. */
export function refused(set: SpecSet, facts: Facts): readonly Refusal[] {
  const { refusals, wants } = placed(set, facts);
  const { clusters, clients } = survey(set, facts);
  // What stands beside a container that is refused is told with it.
  const own = refusals.filter(({ why }) => why.kind !== 'no-host');
  if (own.length === 0) return own;
  const groups = new Map<string, Names>([
    ...clusters.flatMap(({ spec, roles }) =>
      roles.map(({ need }) => [need.shape.key, namesOf(need, spec.cluster)] as const),
    ),
    ...clients.map(({ spec, key }) => [key, same(`client ${spec.client.metadata.name}`)] as const),
  ]);
  const known = new Map(
    wants.containers.flatMap((host) => {
      const names = groups.get(host.shape.key) ?? same(`container ${host.name}`);
      return [host, ...host.companions].map((each) => [wantedKey(each), names] as const);
    }),
  );
  // Containers that are alike share their reasons, of which there is one for each node.
  const told = new Map<Refusal['why'], Refusal['why']>();
  const named = (why: Refusal['why']) => {
    const found = told.get(why) ?? withNames(why, known);
    told.set(why, found);
    return found;
  };
  return own.map((refusal) => ({
    ...refusal,
    why: named(refusal.why),
    takenBy: [...new Set(refusal.takenBy.map((each) => known.get(each)?.all ?? each))],
  }));
}

/** Refusals of containers that are alike as one: the reasons of all nodes, where each was for a node of its own. */
export function asOne([first, ...others]: readonly [Refusal, ...Refusal[]]): Refusal {
  const all = [...new Set([first, ...others].map(({ why }) => why))];
  const nodes = new Map(
    all.flatMap((why) => (why.kind === 'nodes' ? why.nodes.map((each) => [each.node, each] as const) : [])),
  );
  const why =
    first.why.kind === 'nodes' ? ({ kind: 'nodes', nodes: [...nodes.values()] } as const) : first.why;
  return { ...first, why, takenBy: [...new Set([first, ...others].flatMap((each) => each.takenBy))] };
}

/** What one container of a group is called, and all of them. */
interface Names {
  readonly one: string;
  readonly all: string;
}

function namesOf({ words }: RoleNeed, { metadata }: WekaCluster): Names {
  return {
    one: `${words === 'S3' || words === 'NFS' || words === 'SMB' ? 'an' : 'a'} ${words} container of cluster ${metadata.name}`,
    all: `the ${words} containers of cluster ${metadata.name}`,
  };
}

function same(words: string): Names {
  return { one: words, all: words };
}

function withNames(why: Refusal['why'], names: ReadonlyMap<string, Names>): Refusal['why'] {
  if (why.kind !== 'nodes') return why;
  return {
    ...why,
    nodes: why.nodes.map(({ node, reason }) => ({
      node,
      reason: 'by' in reason ? { ...reason, by: names.get(reason.by)?.one ?? reason.by } : reason,
    })),
  };
}
