import { describe, expect, it } from 'vitest';
import {
  aNode,
  aPod,
  both,
  client,
  cluster,
  container,
  nodes,
  placed,
  runningAs,
} from './build-placement.ts';

const drives = (driveContainers: number, more: object = {}) => ({
  dynamicTemplate: { driveContainers, ...more },
});

/** `demo-drive-0: 35000+100 agent 35305`, with single ports by name. */
function portsOf({ placements }: ReturnType<typeof placed>): readonly string[] {
  return placements.map(({ name, allocation: { ports } }) => {
    const { base, count, agent, singles } = ports;
    const block = base === undefined ? '' : ` ${base}+${count} agent ${agent}`;
    return `${name}:${block}${singles === undefined ? '' : ` ${JSON.stringify(singles)}`}`;
  });
}

const rangesOf = (result: ReturnType<typeof placed>) =>
  Object.fromEntries(
    result.placements.map(({ name, allocation: { range } }) => [
      name,
      range && [range.first, range.size, range.block],
    ]),
  );

describe('the ports of a cluster', () => {
  it('are a range of 500, with a block of 100 for each container of a node and single ones after them', () => {
    const wants = cluster({ dynamicTemplate: { driveContainers: 1, computeContainers: 1, s3Containers: 1 } });
    const result = placed({ wants, nodes: nodes(1) });
    expect(portsOf(result)).toEqual([
      'demo-compute-0: 35100+100 agent 35306',
      'demo-drive-0: 35000+100 agent 35305',
      'demo-envoy-0: {"lbPort":35300,"lbAdminPort":35301}',
      'demo-s3-0: 35200+100 agent 35307 {"s3Port":35302}',
    ]);
    expect(rangesOf(result)['demo-drive-0']).toEqual([35_000, 500, 100]);
  });

  it('are a range of 260 with blocks of 60 where the version checks for that', () => {
    const wants = cluster({ dynamicTemplate: { driveContainers: 1, computeContainers: 1 } }, 'demo', {
      smallPortBlocks: true,
    });
    const result = placed({ wants, nodes: nodes(1) });
    expect(portsOf(result)).toEqual([
      'demo-compute-0: 35060+60 agent 35246',
      'demo-drive-0: 35000+60 agent 35245',
    ]);
    expect(rangesOf(result)['demo-drive-0']).toEqual([35_000, 260, 60]);
  });

  it('are those that the manifest names', () => {
    const ports = { basePort: 40_000, portRange: 320, s3Port: 9001 };
    const wants = cluster({ dynamicTemplate: { s3Containers: 1 }, ports });
    expect(portsOf(placed({ wants, nodes: nodes(1) }))).toEqual([
      'demo-envoy-0: {"lbPort":40300,"lbAdminPort":40301}',
      'demo-s3-0: 40000+100 agent 40305 {"s3Port":9001}',
    ]);
  });

  it('are the next gap after those of others, from the first port of the settings on', () => {
    const wants = both(
      cluster(drives(1), 'one'),
      cluster({ ...drives(1), ports: { basePort: 30_600 } }, 'two'),
      cluster(drives(1), 'three'),
    );
    expect(rangesOf(placed({ wants, nodes: nodes(3), firstPort: 30_000 }))).toEqual({
      'one-drive-0': [30_000, 500, 100],
      'three-drive-0': [31_100, 500, 100],
      'two-drive-0': [30_600, 500, 100],
    });
  });

  it('keep off ports of pods on the network of their nodes', () => {
    const pods = [aPod('web', 'node-b', { hostPorts: [35_200] })];
    expect(rangesOf(placed({ wants: cluster(drives(1)), nodes: nodes(2), pods }))['demo-drive-0']?.[0]).toBe(
      35_201,
    );
  });

  it('keep off single ports that manifests name', () => {
    const wants = cluster({ ...drives(1), ports: { s3Port: 35_010 } });
    expect(rangesOf(placed({ wants, nodes: nodes(1) }))['demo-drive-0']?.[0]).toBe(35_011);
  });

  it('stay when another cluster comes before it by name, and when one is gone but its pods are not', () => {
    const one = cluster(drives(1), 'one');
    const pods = runningAs(placed({ wants: one, nodes: nodes(3) }), one);
    const later = placed({ wants: both(one, cluster(drives(1), 'a')), nodes: nodes(3), pods });
    expect(rangesOf(later)).toMatchObject({
      'one-drive-0': [35_000, 500, 100],
      'a-drive-0': [35_500, 500, 100],
    });
    expect(
      rangesOf(placed({ wants: cluster(drives(1), 'a'), nodes: nodes(3), pods }))['a-drive-0']?.[0],
    ).toBe(35_500);
  });

  it('that two clusters name alike are shared block by block', () => {
    const ports = { basePort: 36_000 };
    const wants = both(cluster({ ...drives(1), ports }, 'one'), cluster({ ...drives(1), ports }, 'two'));
    expect(portsOf(placed({ wants, nodes: nodes(1) }))).toEqual([
      'one-drive-0: 36000+100 agent 36305',
      'two-drive-0: 36100+100 agent 36306',
    ]);
  });

  it('of a container that is wanted no more are its own until its pod is gone', () => {
    const overrides = { disregardRedundancy: true };
    const before = cluster({ ...drives(2), overrides });
    const pods = runningAs(placed({ wants: before, nodes: nodes(1) }), before);
    const wants = cluster({ ...drives(1, { computeContainers: 1 }), overrides });
    expect(portsOf(placed({ wants, nodes: nodes(1), pods }))).toEqual([
      'demo-compute-0: 35200+100 agent 35307',
      'demo-drive-0: 35000+100 agent 35305',
    ]);
  });

  it('are missing where no gap is left', () => {
    const result = placed({ wants: cluster(drives(1)), nodes: nodes(1), firstPort: 65_300 });
    expect(result.refusals).toMatchObject([{ name: 'demo-drive-0', why: { kind: 'no-port-range' } }]);
  });

  it('are missing on a node whose blocks are all taken', () => {
    const wants = cluster({ ...drives(4), overrides: { disregardRedundancy: true } });
    const result = placed({ wants, nodes: nodes(1) });
    expect(result.refusals).toMatchObject([
      { name: 'demo-drive-3', why: { nodes: [{ reason: { kind: 'ports' } }] } },
    ]);
  });
});

describe('the ports of a client', () => {
  it('are the first free ones from 45000 on', () => {
    const on = nodes(1);
    expect(portsOf(placed({ wants: client({}, on), nodes: on }))).toEqual([
      'mounts-node-a: 45001+100 agent 45000',
    ]);
  });

  it('leap over those of pods, of clusters and of what runs on every node', () => {
    const on = nodes(1);
    const pods = [aPod('web', 'node-a', { hostPorts: [59_950, 60_010] })];
    const wants = both(
      client({ portRange: { basePort: 59_945 } }, on),
      cluster({ ports: { basePort: 60_100 } }),
    );
    expect(portsOf(placed({ wants, nodes: on, pods }))).toEqual(['mounts-node-a: 60600+100 agent 59945']);
  });

  it('are those that the manifest names, or none', () => {
    const on = nodes(1);
    const wants = client({ port: 46_000, agentPort: 45_999 }, on);
    expect(portsOf(placed({ wants, nodes: on }))).toEqual(['mounts-node-a: 46000+100 agent 45999']);
    const pods = [aPod('web', 'node-a', { hostPorts: [46_099] })];
    expect(placed({ wants, nodes: on, pods }).refusals[0]?.why).toMatchObject({
      nodes: [{ reason: { kind: 'ports' } }],
    });
  });

  it('end with its range', () => {
    const on = nodes(1);
    const wants = client({ portRange: { basePort: 45_000, portRange: 100 } }, on);
    expect(placed({ wants, nodes: on }).refusals).toHaveLength(1);
  });
});

it('gives no ports of the host to what serves drivers', () => {
  expect(
    portsOf(placed({ wants: container('dist', { mode: 'drivers-dist' }), nodes: [aNode('node-a')] })),
  ).toEqual(['dist:']);
});
