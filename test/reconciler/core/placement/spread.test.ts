import { describe, expect, it } from 'vitest';
import { aNode, aPod, cluster, nodes, placed } from './build-placement.ts';

/** Nodes node-0, node-1 … each in the place of this name. */
function inPlaces(label: string, ...places: readonly string[]): readonly ReturnType<typeof aNode>[] {
  return places.map((place, index) => aNode(`node-${index}`, { labels: { [label]: place } }));
}

function placesOf(
  spec: object,
  on: readonly ReturnType<typeof aNode>[],
  label: string,
): readonly (string | undefined)[] {
  const byName = new Map(on.map((node) => [node.name, node.labels[label]]));
  return placed({ wants: cluster({ ...spec }), nodes: on }).placements.map(({ allocation }) =>
    byName.get(allocation.node),
  );
}

const drives = (driveContainers: number) => ({ dynamicTemplate: { driveContainers } });
function tally(places: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const place of places) counts[place ?? ''] = (counts[place ?? ''] ?? 0) + 1;
  return counts;
}

describe('failure domains', () => {
  const racks = inPlaces('rack', 'a', 'a', 'a', 'b', 'b', 'c');

  it('have as many containers each as the skew allows', () => {
    expect(tally(placesOf({ ...drives(5), failureDomain: { label: 'rack' } }, racks, 'rack'))).toEqual({
      a: 2,
      b: 2,
      c: 1,
    });
  });

  it('refuse what would make one too full', () => {
    const wants = cluster({ ...drives(6), failureDomain: { label: 'rack' } });
    const { refusals } = placed({ wants, nodes: racks });
    expect(refusals).toMatchObject([
      { name: 'demo-drive-5', proved: true, change: { newNode: { labels: { rack: 'c' } } } },
    ]);
  });

  it('do not count a pod that is being deleted, which still keeps others off its node', () => {
    const labels = { 'weka.io/cluster-name': 'demo', 'weka.io/mode': 'drive' };
    const going = ['node-0', 'node-1'].map((node) => ({
      ...aPod(`old-${node}`, node, { labels, namespace: 'weka' }),
      terminating: true,
    }));
    const on = inPlaces('rack', 'a', 'a', 'a', 'b');
    const wants = cluster({ ...drives(2), failureDomain: { label: 'rack' } });
    const nodesOf = (pods: readonly ReturnType<typeof aPod>[]) =>
      placed({ wants, nodes: on, pods }).placements.map(({ allocation }) => allocation.node);
    expect(nodesOf(going)).toEqual(['node-2', 'node-3']);
    expect(nodesOf(going.map((pod) => ({ ...pod, terminating: false })))).toEqual(['node-3']);
  });

  it('may differ by a larger skew', () => {
    expect(
      tally(placesOf({ ...drives(6), failureDomain: { label: 'rack', skew: 2 } }, racks, 'rack')),
    ).toEqual({ a: 3, b: 2, c: 1 });
  });

  it('of several labels are spread over as far as possible, and named by them', () => {
    const on = [
      aNode('node-0', { labels: { hall: '1', rack: 'a' } }),
      aNode('node-1', { labels: { hall: '1', rack: 'a' } }),
      aNode('node-2', { labels: { hall: '2', rack: 'a' } }),
    ];
    const spec = { failureDomain: { compositeLabels: ['hall', 'rack'] } };
    const first = placed({ wants: cluster({ ...drives(2), ...spec }), nodes: on });
    expect(first.placements.map(({ allocation }) => allocation.failureDomain)).toEqual(['1-a', '2-a']);
    expect(placed({ wants: cluster({ ...drives(3), ...spec }), nodes: on }).refusals).toEqual([]);
  });

  it('leave out nodes that have no such label', () => {
    const on = [aNode('node-a'), ...inPlaces('rack', 'a')];
    const { refusals } = placed({
      wants: cluster({ ...drives(2), failureDomain: { label: 'rack' } }),
      nodes: on,
    });
    expect(refusals[0]?.why).toMatchObject({
      nodes: [{ reason: { kind: 'repelled' } }, { reason: { kind: 'no-spread-label' } }],
    });
  });
});

describe('topology spread constraints', () => {
  const constraint = {
    topologyKey: 'zone',
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { 'weka.io/mode': 'drive' } },
  };
  const zones = inPlaces('zone', 'east', 'east', 'east', 'west');
  const withConstraint = (more: object) => ({
    podConfig: { topologySpreadConstraints: [{ ...constraint, ...more }] },
  });

  it('hold for all roles, and those of a role stand in their place', () => {
    expect(tally(placesOf({ ...drives(3), ...withConstraint({}) }, zones, 'zone'))).toEqual({
      east: 2,
      west: 1,
    });
    const podConfig = { ...withConstraint({}).podConfig, roleTopologySpreadConstraints: { drive: [] } };
    expect(tally(placesOf({ ...drives(4), podConfig }, zones, 'zone'))).toEqual({ east: 3, west: 1 });
  });

  it('that need not hold are kept as far as possible', () => {
    const soft = withConstraint({ whenUnsatisfiable: 'ScheduleAnyway' });
    expect(tally(placesOf({ ...drives(2), ...soft }, zones, 'zone'))).toEqual({ east: 1, west: 1 });
    expect(tally(placesOf({ ...drives(4), ...soft }, zones, 'zone'))).toEqual({ east: 3, west: 1 });
  });

  it('take a place as empty while there are fewer than there must be', () => {
    expect(tally(placesOf({ ...drives(4), ...withConstraint({ minDomains: 3 }) }, zones, 'zone'))).toEqual({
      east: 1,
      west: 1,
    });
  });

  it('count no pod with an empty selector, as the scheduler does', () => {
    const nowhere = withConstraint({ labelSelector: {} });
    expect(tally(placesOf({ ...drives(4), ...nowhere }, zones, 'zone'))).toEqual({ east: 3, west: 1 });
  });

  it('do not count a node that is out of service where taints are heeded, unless its trouble is tolerated', () => {
    const on = [...zones.slice(0, 3), aNode('node-w', { labels: { zone: 'west' }, cordoned: true })];
    const heeding = { ...drives(3), ...withConstraint({ nodeTaintsPolicy: 'Honor' }) };
    expect(tally(placesOf(heeding, on, 'zone'))).toEqual({ east: 3 });
    expect(tally(placesOf({ ...drives(3), ...withConstraint({}) }, on, 'zone'))).toEqual({ east: 1 });
    const tolerant = { ...heeding, tolerations: ['node.kubernetes.io/unschedulable'] };
    expect(tally(placesOf(tolerant, on, 'zone'))).toEqual({ east: 1 });
  });

  it('do not count a place that the node selector leaves out', () => {
    const on = [...zones, aNode('node-z', { labels: { zone: 'south' } })].map((node) =>
      node.name === 'node-z' ? node : { ...node, labels: { ...node.labels, use: 'weka' } },
    );
    const spec = { ...drives(3), ...withConstraint({}), nodeSelector: { use: 'weka' } };
    expect(tally(placesOf(spec, on, 'zone'))).toEqual({ east: 2, west: 1 });
    const ignoring = {
      ...drives(3),
      ...withConstraint({ nodeAffinityPolicy: 'Ignore' }),
      nodeSelector: { use: 'weka' },
    };
    expect(tally(placesOf(ignoring, on, 'zone'))).toEqual({ east: 1, west: 1 });
  });
});

it('gives each node as many containers of WEKA as the others', () => {
  const wants = cluster({ dynamicTemplate: { driveContainers: 2, computeContainers: 2 } });
  const { placements } = placed({ wants, nodes: nodes(4) });
  expect(new Set(placements.map(({ allocation }) => allocation.node)).size).toBe(4);
});
