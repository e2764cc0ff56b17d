import { nodeFacts } from '../../../../../reconciler/core/facts/node-facts.ts';
import { ALLOCATION, podFacts } from '../../../../../reconciler/core/facts/pod-facts.ts';
import { minus } from '../../../../../reconciler/core/facts/resources.ts';
import { allocationText } from '../../../../../reconciler/core/placement/allocation.ts';
import { holdingsOf } from '../../../../../reconciler/core/placement/holdings.ts';
import type { PlacementInput, PlacementNode } from '../../../../../reconciler/core/placement/input.ts';
import { place, seatAll } from '../../../../../reconciler/core/placement/place.ts';
import type { Seat } from '../../../../../reconciler/core/placement/seating.ts';
import { type Shape, wantedKey, type Wants } from '../../../../../reconciler/core/placement/wanted.ts';
import { Chance } from './chance.ts';
import { type KubeNode, type KubePod, podOfShape, type PodChoice } from './kube-objects.ts';
import { type NodeStyle, randomNode, troubled } from './random-nodes.ts';
import { randomPods } from './random-pods.ts';
import { randomWants } from './random-wants.ts';

/** Nodes, the pods on them and what is wanted there besides. */
export interface GeneratedCluster {
  readonly seed: number;
  /** Part of all its names, so that many share one control plane and do not meet. */
  readonly id: string;
  readonly namespaces: readonly string[];
  readonly nodes: readonly KubeNode[];
  /** With those of containers that were placed earlier. */
  readonly pods: readonly KubePod[];
  /** All that in the words of placement. */
  readonly input: PlacementInput;
}

/** The cluster of this seed. */
export function generateCluster(seed: number): GeneratedCluster {
  const chance = new Chance(seed);
  const id = `c${seed}`;
  const style: NodeStyle = {
    zone: `${id}.example/zone`,
    rack: `${id}.example/rack`,
    shares: chance.in100(15),
    threads: chance.one(['no', 'no', 'all', 'some']),
  };
  const healthy = Array.from({ length: chance.between(2, 8) }, (_, index) =>
    randomNode(chance, id, index, style),
  );
  const namespace = `${id}-weka`;
  const others = healthy.flatMap((node) => randomPods(chance, id, node, style));
  const wants = randomWants(chance, namespace, healthy.map(factsOf), style);
  const earlier = chance.in100(40) ? some(chance, wants) : { containers: [], ranges: wants.ranges };
  const running = runningFrom(inputOf(healthy, others, earlier), id);
  const nodes = healthy.map((node) => troubled(chance, node));
  const pods = [...others, ...running];
  return {
    seed,
    id,
    namespaces: [namespace, `${id}-other`],
    nodes,
    pods,
    input: inputOf(nodes, pods, wants),
  };
}

function inputOf(nodes: readonly KubeNode[], pods: readonly KubePod[], wants: Wants): PlacementInput {
  const facts = pods.map((pod) => podFacts({ ...pod }));
  return { wants, nodes: nodes.map(factsOf), pods: facts, holdings: holdingsOf(facts) };
}

function factsOf(node: KubeNode): PlacementNode {
  return nodeFacts({ ...node });
}

/** What was wanted before more was: some of the containers, with all that stands beside each. */
function some(chance: Chance, { containers, ranges }: Wants): Wants {
  return { containers: containers.filter(() => chance.in100(50)), ranges };
}

/** What was placed earlier, as it runs now. */
function runningFrom(input: PlacementInput, cluster: string): readonly KubePod[] {
  const { placements } = place(input);
  const allocations = new Map(placements.map((each) => [wantedKey(each), allocationText(each.allocation)]));
  return seatAll(input).seats.flatMap((seat) => {
    const { namespace, name } = seat.wanted;
    const text = allocations.get(wantedKey(seat.wanted)) ?? '';
    const choice = { namespace, name, nodeName: seat.node.name, annotations: { [ALLOCATION]: text } };
    return podsOfSeat(seat, cluster, choice);
  });
}

/** The pod of a container that has its node, after the proxy of that node's shared drives if it is the first to need one. */
export function podsOfSeat(
  seat: Seat,
  cluster: string,
  choice: Omit<PodChoice, 'cluster' | 'hyperThreading'>,
): readonly KubePod[] {
  const { wanted, node } = seat;
  const hyperThreading = isThreaded(seat);
  const its = podOfShape(wanted.shape, { cluster, hyperThreading, ...choice });
  if (seat.pods === 1) return [its];
  const { annotations: _, ...others } = choice;
  const proxy = podOfShape(proxyShape(seat), {
    cluster,
    hyperThreading,
    ...others,
    name: `drive-proxy-${node.name}-of-${choice.name}`,
  });
  return [proxy, its];
}

export function isThreaded({ node }: Pick<Seat, 'node'>): boolean {
  return node.facts.annotations.discovery?.hyperThreading === true;
}

/** A shape that asks for nothing but what the proxy takes. */
function proxyShape(seat: Seat): Shape {
  const { wanted, taken } = seat;
  const own = isThreaded(seat) ? wanted.shape.requests.threaded : wanted.shape.requests.plain;
  const requests = minus(taken, own);
  return {
    ...wanted.shape,
    labels: { 'weka.io/mode': 'ssdproxy' },
    requests: { plain: requests, threaded: requests },
    affinity: [],
    antiAffinity: [],
    spread: [],
  };
}
