import type { NodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import type { PlacementInput } from '../../../../reconciler/core/placement/input.ts';
import type { Placement, PlacementResult } from '../../../../reconciler/core/placement/result.ts';
import { type Shape, type Wanted, wantedKey } from '../../../../reconciler/core/placement/wanted.ts';
import { flat } from './build-placement.ts';

const FIELDS = ['cpuMillis', 'memoryBytes', 'hugePages2MiBytes', 'ephemeralBytes', 'drives'] as const;

interface Standing {
  readonly key: string;
  readonly shape: Shape | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly requests: Readonly<Record<(typeof FIELDS)[number], number>>;
}

/**
 * All that is wrong with where containers stand, worked out from the input alone and by other means than placement: every
 * container is looked at beside every other one on its node.
 */
export function faults(input: PlacementInput, { placements, refusals }: PlacementResult): readonly string[] {
  const wanted = new Map(flat(input.wants).map((each) => [wantedKey(each), each]));
  const answered = [...placements, ...refusals].map(wantedKey);
  return [
    ...[...wanted.keys()]
      .filter((key) => answered.filter((each) => each === key).length !== 1)
      .map((key) => `${key} is not answered once`),
    ...input.nodes.flatMap((node) => faultsOn(node, input, placements, wanted)),
  ];
}

function faultsOn(
  node: PlacementInput['nodes'][number],
  input: PlacementInput,
  placements: readonly Placement[],
  wanted: ReadonlyMap<string, Wanted>,
): readonly string[] {
  const said: string[] = [];
  const here = placements.filter(({ allocation }) => allocation.node === node.name);
  const keys = new Set(placements.map(wantedKey));
  const others = input.pods.filter((pod) => pod.node === node.name && !keys.has(wantedKey(pod)));
  const standing: Standing[] = [
    ...here.map((each): Standing => {
      const shape = wanted.get(wantedKey(each))?.shape;
      if (shape === undefined) throw new Error(`${each.name} is not wanted`);
      const requests =
        node.annotations.discovery?.hyperThreading === true ? shape.requests.threaded : shape.requests.plain;
      return { key: wantedKey(each), shape, labels: shape.labels, requests };
    }),
    ...others.map((pod) => ({
      key: wantedKey(pod),
      shape: undefined,
      labels: pod.labels,
      requests: pod.requests,
    })),
  ];
  for (const field of FIELDS) {
    const sum = standing.reduce((total, { requests }) => total + requests[field], 0);
    if (here.length > 0 && sum > node.allocatable[field]) said.push(`${node.name} has too little ${field}`);
  }
  if (here.length > 0 && standing.length > (node.maxPods ?? 110)) said.push(`${node.name} has too many pods`);
  said.push(...drivesTwice(node, here), ...portsTwice(node, here, others));
  for (const one of standing) said.push(...wrongBeside(one, standing, node), ...wrongNode(one, node));
  return said;
}

function drivesTwice(node: NodeFacts, here: readonly Placement[]): readonly string[] {
  const drives = here.flatMap(({ allocation }) => allocation.drives);
  const { drives: signed = [], blocked } = node.annotations;
  return [
    ...drives
      .filter((drive, index) => drives.indexOf(drive) !== index)
      .map((drive) => `${drive} is given twice`),
    ...drives
      .filter((drive) => !signed.includes(drive) || blocked.has(drive))
      .map((drive) => `${drive} is not to be used`),
  ];
}

function portsTwice(
  node: NodeFacts,
  here: readonly Placement[],
  others: PlacementInput['pods'],
): readonly string[] {
  const owners = new Map<number, string>();
  const said: string[] = [];
  const claim = (port: number, by: string) => {
    const other = owners.get(port);
    if (other !== undefined) said.push(`${node.name} gives port ${port} to ${other} and ${by}`);
    owners.set(port, by);
  };
  for (const pod of others) for (const port of pod.hostPorts) claim(port, pod.name);
  for (const { name, allocation } of here) {
    const { base = 0, count = 0, agent, singles = {} } = allocation.ports;
    for (let port = base; port < base + count; port++) claim(port, name);
    for (const port of [agent, ...Object.values(singles)]) if (port !== undefined) claim(port, name);
  }
  return said;
}

/** One host has one client, S3 or NFS container; one of each mode of a cluster; and companions beside their hosts. */
function wrongBeside(one: Standing, all: readonly Standing[], node: NodeFacts): readonly string[] {
  if (one.shape === undefined) return [];
  const { mode } = one.shape;
  const protocols = ['client', 's3', 'nfs'];
  const clash = all.find(({ key, labels }) => {
    if (key === one.key) return false;
    const other = labels['weka.io/mode'] ?? '';
    if (protocols.includes(mode)) return protocols.includes(other);
    if (mode === 'envoy' || mode === 'telemetry') return false;
    return other === mode && labels['weka.io/cluster-name'] === one.labels['weka.io/cluster-name'];
  });
  const said = clash === undefined ? [] : [`${one.key} stands beside ${clash.key} on ${node.name}`];
  const host = mode === 'envoy' ? 's3' : mode === 'telemetry' ? 'compute' : undefined;
  const name = one.key.replace(`-${mode}-`, `-${host ?? ''}-`);
  return host === undefined || all.some(({ key }) => key === name)
    ? said
    : [...said, `${one.key} has no ${name}`];
}

function wrongNode({ key, shape }: Standing, node: NodeFacts): readonly string[] {
  if (shape === undefined) return [];
  const hasLabels = Object.entries(shape.nodeSelector).every(
    ([label, value]) => node.labels[label] === value,
  );
  const tolerated = node.taints.every(({ key: taint, effect }) =>
    shape.tolerations.some(
      (each) =>
        (each.key === undefined || each.key === taint) &&
        (each.effect === undefined || each.effect === effect),
    ),
  );
  return hasLabels && tolerated && node.obstacle === undefined ? [] : [`${key} must not be on ${node.name}`];
}
