import type { Facts } from '../../facts/facts.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { hasLabels, repellent, taintWords } from '../../facts/node-match.ts';
import { IDLE, nodeUsage, type NodeUsage, ownerKey, ownerOf } from '../../facts/node-usage.ts';
import { minus, NOTHING, plus, type Resources, timesIn } from '../../facts/resources.ts';
import { EXCLUSIVE_MODES, isExclusive } from '../../placement/host-rules.ts';
import { firstNeed } from '../../placement/needs.ts';
import { clientShape } from '../../placement/want-client.ts';
import { wantCluster } from '../../placement/want-cluster.ts';
import type { Shape, Wants } from '../../placement/wanted.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';
import { clientDiskBytes, type RoleNeed, roleNeeds } from './role-needs.ts';

/** A node that has the labels, and what is left of it for the containers in question. */
export interface Candidate {
  readonly node: NodeFacts;
  readonly usage: NodeUsage;
  /** What one container needs here; the larger amount where nothing tells of hyper-threading. */
  readonly need: Resources;
  /** The same, had the node no hyper-threading where nothing tells of it. */
  readonly least: Resources;
  /** What it would have: what pods of its own manifest take is counted as free. */
  readonly free: Resources;
  /** Containers of the role that fit; at most one, unless the manifest lets several share a node. */
  readonly room: number;
  /** Why none may stand here however much is free: `has the taint a=b:NoSchedule`. */
  readonly barred: string | undefined;
  /** The key of the taint that bars it. */
  readonly repelledBy: string | undefined;
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
  readonly wants: Wants;
  readonly roles: readonly RoleSurvey[];
}

export interface ClientSurvey {
  readonly spec: SpecOf<'WekaClient'>;
  readonly owner: string;
  /** Of the shape of its containers. */
  readonly key: string;
  readonly diskBytes: number;
  readonly candidates: readonly Candidate[];
}

export interface Survey {
  readonly clusters: readonly ClusterSurvey[];
  readonly clients: readonly ClientSurvey[];
  /** Whether the repository asks for drives of a node to be signed, so that what it lacks of them may come. */
  readonly signed: (node: NodeFacts) => boolean;
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
  const signed = signedLater(set);
  if (facts.nodes.length === 0) return { clusters: [], clients: [], signed };
  const usage = nodeUsage(facts);
  const nodes = facts.nodes.map((node): NodeState => {
    const its = usage.get(node.name) ?? IDLE;
    return { node, usage: its, free: minus(node.allocatable, its.requests) };
  });
  return {
    clusters: set.clusters.map((spec) => lookAtCluster(spec, nodes, signed)),
    clients: set.clients.map((spec) => lookAtClient(spec, nodes)),
    signed,
  };
}

/** A node as it is, and what is free of it. */
type NodeState = Pick<Candidate, 'node' | 'usage' | 'free'>;

function lookAtCluster(
  spec: SpecOf<'WekaCluster'>,
  nodes: readonly NodeState[],
  signed: (node: NodeFacts) => boolean,
): ClusterSurvey {
  const { cluster } = spec;
  const wants = wantCluster(cluster);
  const shared = cluster.spec.overrides?.disregardRedundancy === true;
  const roles = roleNeeds(cluster, wants).map((need): RoleSurvey => {
    const candidates = candidatesFor(
      { shape: need.shape, signed, most: shared ? need.containers : 1 },
      nodes,
    );
    return { need, candidates, fitting: candidates.filter(({ room }) => room > 0) };
  });
  return {
    spec,
    owner: ownerKey('WekaCluster', cluster.metadata.namespace, cluster.metadata.name),
    wants,
    roles,
  };
}

function lookAtClient(spec: SpecOf<'WekaClient'>, nodes: readonly NodeState[]): ClientSurvey {
  const shape = { ...clientShape(spec.client), nodeSelector: spec.client.spec.nodeSelector ?? {} };
  const candidates = candidatesFor({ shape, signed: () => false, most: 1 }, nodes);
  return {
    spec,
    owner: shape.owner,
    key: shape.key,
    diskBytes: clientDiskBytes(spec.client.spec),
    candidates,
  };
}

interface Asked {
  readonly shape: Shape;
  readonly signed: (node: NodeFacts) => boolean;
  /** Containers of the role that may share a node. */
  readonly most: number;
}

function candidatesFor(asked: Asked, nodes: readonly NodeState[]): readonly Candidate[] {
  return nodes
    .filter(({ node }) => hasLabels(node, asked.shape.nodeSelector))
    .map((state) => candidate(state, asked));
}

function candidate({ node, usage, free: now }: NodeState, asked: Asked): Candidate {
  const { shape, signed, most } = asked;
  const own = usage.pods.find(
    (pod) => pod.labels['weka.io/mode'] === shape.mode && ownerOf(pod) === shape.owner,
  );
  const need = firstNeed(shape, node, own?.requests);
  const least =
    node.hyperThreading === undefined ? firstNeed(shape, { ...node, hyperThreading: false }) : need;
  const left = plus(now, usage.byOwner.get(shape.owner) ?? NOTHING);
  const unsigned = !node.knowsDrives && signed(node);
  const free = unsigned ? { ...left, drives: Number.POSITIVE_INFINITY } : left;
  const taint = repellent(node, shape.tolerations);
  const barred = taint === undefined ? neighbour(usage, shape) : `has the taint ${taintWords(taint)}`;
  const room = barred === undefined ? Math.min(most, timesIn(need, free)) : 0;
  return { node, usage, need, least, free, room, barred, repelledBy: taint?.key };
}

/** What of others stands there where clients, S3 and NFS have a node for themselves (weka-operator §2.4). */
function neighbour(usage: NodeUsage, shape: Shape): string | undefined {
  if (!isExclusive(shape)) return undefined;
  const other = usage.pods.find(
    (pod) => EXCLUSIVE_MODES.includes(pod.labels['weka.io/mode'] ?? '') && ownerOf(pod) !== shape.owner,
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
