import type { Facts } from '../../facts/facts.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import {
  hasLabels,
  repellent,
  taintWords,
  type TolerationFacts,
  wekaTolerations,
} from '../../facts/node-match.ts';
import { IDLE, nodeUsage, type NodeUsage, ownerKey, ownerOf } from '../../facts/node-usage.ts';
import { minus, NOTHING, plus, type Resources, timesIn } from '../../facts/resources.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';
import { clientNeed, type RoleNeed, roleNeeds } from './role-needs.ts';

/** A node that has the labels, and what is left of it for the containers in question. */
export interface Candidate {
  readonly node: NodeFacts;
  readonly usage: NodeUsage;
  /** What one container needs here. */
  readonly need: Resources;
  /** What it would have: what pods of its own manifest take is counted as free. */
  readonly free: Resources;
  /** Containers of the role that fit; at most one, unless the manifest lets several share a node. */
  readonly room: number;
  /** Why none may stand here however much is free: `has the taint a=b:NoSchedule`. */
  readonly barred: string | undefined;
}

export interface RoleSurvey {
  readonly need: RoleNeed;
  readonly candidates: readonly Candidate[];
  /** Those on which a container fits. */
  readonly fitting: readonly Candidate[];
}

export interface ClusterSurvey {
  readonly spec: SpecOf<'WekaCluster'>;
  readonly owner: string;
  readonly roles: readonly RoleSurvey[];
}

export interface ClientSurvey {
  readonly spec: SpecOf<'WekaClient'>;
  readonly owner: string;
  readonly diskBytes: number;
  readonly candidates: readonly Candidate[];
}

export interface Survey {
  readonly clusters: readonly ClusterSurvey[];
  readonly clients: readonly ClientSurvey[];
}

const known = new WeakMap<Facts, WeakMap<SpecSet, Survey>>();

/** Which nodes could host what the manifests ask for; worked out once for all rules. Empty while no nodes are known. */
export function survey(set: SpecSet, facts: Facts): Survey {
  const bySet = known.get(facts) ?? new WeakMap<SpecSet, Survey>();
  known.set(facts, bySet);
  const found = bySet.get(set) ?? look(set, facts);
  bySet.set(set, found);
  return found;
}

function look(set: SpecSet, facts: Facts): Survey {
  if (facts.nodes.length === 0) return { clusters: [], clients: [] };
  const signed = signedLater(set);
  const usage = nodeUsage(facts);
  const nodes = facts.nodes.map((node): NodeState => {
    const its = usage.get(node.name) ?? IDLE;
    return { node, usage: its, free: minus(node.allocatable, its.requests) };
  });
  return {
    clusters: set.clusters.map((spec) => lookAtCluster(spec, nodes, signed)),
    clients: set.clients.map((spec) => lookAtClient(spec, nodes)),
  };
}

/** A node as it is, and what is free of it. */
type NodeState = Pick<Candidate, 'node' | 'usage' | 'free'>;

function lookAtCluster(
  spec: SpecOf<'WekaCluster'>,
  nodes: readonly NodeState[],
  signed: (node: NodeFacts) => boolean,
): ClusterSurvey {
  const { metadata, spec: cluster } = spec.cluster;
  const owner = ownerKey('WekaCluster', metadata.namespace, metadata.name);
  const shared = cluster.overrides?.disregardRedundancy === true;
  const tolerations = wekaTolerations(cluster, 'cluster');
  const roles = roleNeeds(cluster).map((need): RoleSurvey => {
    const asked = { owner, labels: need.labels, tolerations, onNode: need.onNode, signed };
    const protocol = need.role === 's3' || need.role === 'nfs';
    const candidates = candidatesFor({ ...asked, most: shared ? need.containers : 1, protocol }, nodes);
    return { need, candidates, fitting: candidates.filter(({ room }) => room > 0) };
  });
  return { spec, owner, roles };
}

function lookAtClient(spec: SpecOf<'WekaClient'>, nodes: readonly NodeState[]): ClientSurvey {
  const { metadata, spec: client } = spec.client;
  const owner = ownerKey('WekaClient', metadata.namespace, metadata.name);
  const { onNode, diskBytes } = clientNeed(client);
  const protocol = client.overrides?.dropAffinityConstraints !== true;
  const candidates = candidatesFor(
    {
      owner,
      labels: client.nodeSelector ?? {},
      tolerations: wekaTolerations(client, 'client'),
      onNode,
      signed: () => false,
      most: 1,
      protocol,
    },
    nodes,
  );
  return { spec, owner, diskBytes, candidates };
}

interface Asked {
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tolerations: readonly TolerationFacts[];
  readonly onNode: (node: NodeFacts) => Resources;
  readonly signed: (node: NodeFacts) => boolean;
  /** Containers of the role that may share a node. */
  readonly most: number;
  /** Whether it shares no node with clients, S3 or NFS of others (weka-operator §2.4). */
  readonly protocol: boolean;
}

function candidatesFor(asked: Asked, nodes: readonly NodeState[]): readonly Candidate[] {
  return nodes.filter(({ node }) => hasLabels(node, asked.labels)).map((state) => candidate(state, asked));
}

function candidate({ node, usage, free: now }: NodeState, asked: Asked): Candidate {
  const { owner, onNode, signed, most } = asked;
  const need = onNode(node);
  const left = plus(now, usage.byOwner.get(owner) ?? NOTHING);
  const unsigned = !node.knowsDrives && signed(node);
  const free = unsigned ? { ...left, drives: Number.POSITIVE_INFINITY } : left;
  const barred = barrier(node, usage, asked);
  const room = barred === undefined ? Math.min(most, timesIn(need, free)) : 0;
  return { node, usage, need, free, room, barred };
}

const EXCLUSIVE: ReadonlySet<string> = new Set(['client', 's3', 'nfs']);

function barrier(
  node: NodeFacts,
  usage: NodeUsage,
  { tolerations, owner, protocol }: Asked,
): string | undefined {
  const taint = repellent(node, tolerations);
  if (taint !== undefined) return `has the taint ${taintWords(taint)}`;
  if (!protocol) return undefined;
  const other = usage.pods.find(
    (pod) => EXCLUSIVE.has(pod.labels['weka.io/mode'] ?? '') && ownerOf(pod) !== owner,
  );
  return other && `hosts the ${other.labels['weka.io/mode'] ?? ''} pod ${other.namespace}/${other.name}`;
}

/** Whether the repository asks for drives of a node to be signed, so that what it lacks of them may come. */
function signedLater({ policies, operations }: SpecSet): (node: NodeFacts) => boolean {
  const selectors = [
    ...policies.flatMap(({ policy: { spec } }) =>
      spec.type === 'sign-drives' ? [spec.payload.signDrivesPayload?.nodeSelector ?? {}] : [],
    ),
    ...operations.flatMap(({ operation: { spec } }) =>
      spec.action === 'sign-drives' ? [spec.payload?.signDrivesPayload?.nodeSelector ?? {}] : [],
    ),
  ];
  return (node) => selectors.some((labels) => hasLabels(node, labels));
}
