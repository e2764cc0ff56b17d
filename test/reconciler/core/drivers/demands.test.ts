import { describe, expect, it } from 'vitest';
import { cluster, client, DIST, policy, PUBLIC, settings } from './build-manifests.ts';
import { node, says, World } from './build-world.ts';

const LINUX = { 'kubernetes.io/os': 'linux' };

/** Which version each of three nodes is to have, and who says so. */
function chosen(
  files: Readonly<Record<string, string>>,
  nodes = [node('node-a'), node('node-b'), node('node-c')],
) {
  const world = new World({ 'policy.yaml': policy(), ...files }, {});
  world.see(Object.fromEntries(nodes.map(({ name }) => [name, says(name)])), nodes);
  const { seen, findings } = world.decide();
  return {
    rows: seen.nodes.map(({ node: name, target, owner = '', against = [] }) =>
      [name, target?.version, owner.split('/')[1], ...against].join(' '),
    ),
    findings: findings.map(
      ({ file, line, level, rule, message }) => `${file}:${line} ${level} ${rule}: ${message}`,
    ),
    services: seen.cells.map(({ service }) => service?.key),
  };
}

describe('nodes that are asked for drivers', () => {
  it('are those that the labels of a role choose', () => {
    const labelled = node('node-b', { labels: { ...LINUX, storage: 'yes' } });
    const files = { 'a.yaml': cluster('demo', '4.4.5', { nodeSelector: { storage: 'yes' } }) };
    expect(chosen(files, [node('node-a'), labelled]).rows).toEqual(['node-b 4.4.5 demo']);
  });

  it('are not those whose taints keep the containers off, unless those put up with them', () => {
    const tainted = node('node-b', { taints: [{ key: 'control', value: '', effect: 'NoSchedule' }] });
    const nodes = [node('node-a'), tainted];
    expect(chosen({ 'a.yaml': cluster('demo', '4.4.5') }, nodes).rows).toEqual(['node-a 4.4.5 demo']);
    expect(
      chosen({ 'a.yaml': cluster('demo', '4.4.5', { tolerations: ['control'] }) }, nodes).rows,
    ).toHaveLength(2);
    expect(chosen({ 'a.yaml': client('apps', '4.4.5') }, nodes).rows).toHaveLength(2);
  });

  it('are not those that the affinity of a role keeps it off', () => {
    const term = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    const files = {
      'a.yaml': cluster('demo', '4.4.5', { podConfig: { affinity: { nodeAffinity: required } } }),
    };
    const nodes = ['a', 'b'].map((name) =>
      node(name, { labels: { ...LINUX, 'kubernetes.io/hostname': name } }),
    );
    expect(chosen(files, nodes).rows).toEqual(['b 4.4.5 demo']);
  });

  it('are none that run no Linux', () => {
    const windows = node('node-b', { labels: { 'kubernetes.io/os': 'windows' } });
    expect(chosen({ 'a.yaml': client('apps', '4.4.5') }, [windows]).rows).toEqual([]);
  });

  it('go by the most that a manifest asks for there', () => {
    const files = {
      'a.yaml': cluster('demo', '4.4.5', {
        dynamicTemplate: { s3Containers: 2 },
        roleNodeSelector: { s3: { objects: 'yes' } },
      }),
      'b.yaml': cluster('other', '4.4.6'),
    };
    const nodes = [node('node-a', { labels: { ...LINUX, objects: 'yes' } }), node('node-b')];
    expect(chosen(files, nodes).rows).toEqual(['node-a 4.4.5 demo', 'node-b 4.4.6 other']);
  });

  it('have what clients need, whatever backends there would have', () => {
    const files = { 'a.yaml': cluster('demo', '4.4.6'), 'b.yaml': client('apps', '4.4.5') };
    const { rows, findings } = chosen(files);
    expect(rows[0]).toBe('node-a 4.4.5 apps');
    expect(findings).toEqual([]);
  });
});

describe('two manifests that need exactly their versions on one node', () => {
  const files = { 'a.yaml': client('apps', '4.4.5'), 'b.yaml': client('jobs', '4.4.6') };

  it('are told once, at the image of the one that loses', () => {
    const { rows, findings } = chosen(files);
    expect(rows).toEqual([
      'node-a 4.4.6 jobs WekaClient weka/apps wants 4.4.5',
      'node-b 4.4.6 jobs WekaClient weka/apps wants 4.4.5',
      'node-c 4.4.6 jobs WekaClient weka/apps wants 4.4.5',
    ]);
    expect(findings).toEqual([
      'a.yaml:1 warning drivers-conflict: This needs drivers of 4.4.5, and WekaClient weka/jobs (b.yaml:1) has those of 4.4.6 loaded on node-a, node-b, node-c: a node has one version at a time.',
    ]);
  });

  it('are none where they share no node', () => {
    const nodes = [
      node('node-a', { labels: { ...LINUX, runs: 'apps' } }),
      node('node-b', { labels: { ...LINUX, runs: 'jobs' } }),
    ];
    const apart = {
      'a.yaml': client('apps', '4.4.5', { nodeSelector: { runs: 'apps' } }),
      'b.yaml': client('jobs', '4.4.6', { nodeSelector: { runs: 'jobs' } }),
    };
    expect(chosen(apart, nodes)).toMatchObject({
      rows: ['node-a 4.4.5 apps', 'node-b 4.4.6 jobs'],
      findings: [],
    });
  });
});

describe('clients that name no service', () => {
  it('have that of their cluster', () => {
    const joins = { joinIpPorts: undefined, targetCluster: { name: 'demo', namespace: 'weka' } };
    const files = {
      'settings.yaml': settings({ drivers: { builder: false } }),
      'a.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC, nodeSelector: { none: 'such' } }),
      'b.yaml': client('apps', '4.4.5', { ...joins, driversDistService: undefined }),
      'c.yaml': client('jobs', '4.4.6', {
        ...joins,
        driversDistService: DIST,
        nodeSelector: { none: 'such' },
      }),
    };
    expect(chosen(files).services).toEqual([PUBLIC]);
  });
});
