import fc from 'fast-check';
import type { PlacementInput, PlacementNode } from '../../../../reconciler/core/placement/input.ts';
import { aNode, aPod, both, client, cluster, inputOf } from './build-placement.ts';

const zone = fc.constantFrom('east', 'west', 'north');

const node = fc.record({
  zone,
  cores: fc.integer({ min: 2, max: 14 }),
  pages: fc.integer({ min: 0, max: 8 }),
  drives: fc.integer({ min: 0, max: 4 }),
  blocked: fc.integer({ min: 0, max: 1 }),
  storage: fc.boolean(),
  tainted: fc.integer({ min: 0, max: 9 }),
  cordoned: fc.integer({ min: 0, max: 9 }),
  busy: fc.integer({ min: 0, max: 4 }),
  port: fc.option(fc.integer({ min: 35_000, max: 35_450 })),
});

const template = fc.record({
  driveContainers: fc.integer({ min: 0, max: 3 }),
  computeContainers: fc.integer({ min: 0, max: 3 }),
  s3Containers: fc.integer({ min: 0, max: 2 }),
  nfsContainers: fc.integer({ min: 0, max: 1 }),
  driveCores: fc.integer({ min: 1, max: 3 }),
  computeCores: fc.integer({ min: 1, max: 2 }),
  numDrives: fc.integer({ min: 1, max: 2 }),
});

export interface Shape {
  /** Nodes from the least to the most. */
  readonly nodes: readonly [number, number];
  /** Whether clusters spread over zones. */
  readonly spread: boolean;
  readonly clusters: number;
  /** Whether nodes have room for several containers, so that all fit about as often as not. */
  readonly roomy?: boolean;
}

/** Small clusters of Kubernetes, with what runs there and what is wanted on them. */
export function worlds({
  nodes: [least, most],
  spread,
  clusters,
  roomy = false,
}: Shape): fc.Arbitrary<PlacementInput> {
  return fc
    .record({
      nodes: fc.array(node, { minLength: least, maxLength: most }),
      templates: fc.array(fc.record({ template, selective: fc.boolean() }), {
        minLength: 1,
        maxLength: clusters,
      }),
      clients: fc.boolean(),
    })
    .map(({ nodes: given, templates, clients }) => {
      const nodes = given.map((each, index) =>
        nodeOf(
          roomy
            ? {
                ...each,
                cores: each.cores + 6,
                pages: each.pages + 5,
                tainted: 1,
                cordoned: 1,
                storage: true,
              }
            : each,
          index,
        ),
      );
      const pods = given.flatMap(({ busy, port }, index) =>
        busy === 0 && port === null
          ? []
          : [
              aPod(`busy-${index}`, `node-${index}`, {
                requests: { cpu: String(busy), memory: '1Gi' },
                hostPorts: port === null ? [] : [port],
              }),
            ],
      );
      const wants = both(
        ...templates.map(({ template: dynamicTemplate, selective }, index) =>
          cluster(
            {
              dynamicTemplate,
              ...(selective && { nodeSelector: { storage: 'true' } }),
              ...(spread && { failureDomain: { label: 'zone' } }),
            },
            `demo-${index}`,
          ),
        ),
        ...(clients ? [client({ nodeSelector: { storage: 'false' } }, nodes)] : []),
      );
      return inputOf({ wants, nodes, pods });
    });
}

function nodeOf(
  {
    zone: where,
    cores,
    pages,
    drives,
    blocked,
    storage,
    tainted,
    cordoned,
  }: typeof node extends fc.Arbitrary<infer Value> ? Value : never,
  index: number,
): PlacementNode {
  const serials = Array.from({ length: drives }, (_, each) => `${index}-${each}`);
  return aNode(`node-${index}`, {
    labels: { zone: where, storage: String(storage) },
    has: { cpu: String(cores), memory: '128Gi', 'hugepages-2Mi': `${pages}Gi` },
    drives: serials,
    blocked: serials.slice(0, blocked),
    ...(tainted === 0 && { taints: [{ key: 'other', effect: 'NoSchedule' }] }),
    cordoned: cordoned === 0,
  });
}

/** The same lists in another order. */
export function shuffled(input: PlacementInput): fc.Arbitrary<PlacementInput> {
  const any = <Value>(list: readonly Value[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  return fc
    .record({
      nodes: any(input.nodes),
      pods: any(input.pods),
      holdings: any(input.holdings),
      containers: any(input.wants.containers),
      ranges: any(input.wants.ranges),
    })
    .map(({ nodes, pods, holdings, containers, ranges }) => ({
      ...input,
      nodes,
      pods,
      holdings,
      wants: { containers, ranges },
    }));
}
