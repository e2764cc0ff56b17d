import { describe, expect, it } from 'vitest';
import { agentReports } from '../../../../reconciler/core/nodes/agent-reports.ts';
import { nodesNews, nodesOutput } from '../../../../reconciler/core/nodes/nodes-output.ts';
import type { NodesSeen } from '../../../../reconciler/core/nodes/nodes-seen.ts';
import { type ReadReport, readReport } from '../../../../reconciler/core/nodes/read-report.ts';
import { reportBrief } from '../../../../reconciler/core/nodes/report-brief.ts';
import { NodesOutput } from '../../../../schemas/output/node.ts';
import { aNode, factsOf } from '../lint/facts/build-facts.ts';
import { aReport, aReportMap, anAgent, BOOT, OTHER_BOOT } from './build-reports.ts';

const node = (name: string) => aNode(name, { info: { bootID: BOOT } });

/** `count` nodes of which the first few have no agent. */
function fleet(count: number, silent: number): NodesSeen {
  const names = Array.from({ length: count }, (_, index) => `node-${String(index).padStart(5, '0')}`);
  const nodes = names.map((name) => ({
    name,
    isReady: true,
    bootId: BOOT,
    kernel: '6.8.0-45-generic',
    osImage: 'Ubuntu 24.04 LTS',
    architecture: 'amd64',
    labels: {},
    taints: [],
  }));
  const sound = readReport('node-a', aReportMap('node-a'));
  const reports = new Map<string, ReadReport>(names.map((name) => [name, sound]));
  const labels = { 'app.kubernetes.io/name': 'weka-nodeagent' };
  const pods = names.slice(silent).map((name) => ({
    namespace: 'n',
    name: `agent-${name}`,
    node: name,
    labels,
    ended: false,
    ready: true as const,
  }));
  return { nodes, reports: agentReports(nodes, { namespace: 'n', pods, reports }) };
}

describe('what is told of nodes', () => {
  it('is a row for each, by its report', () => {
    const facts = factsOf(node('node-b'), node('node-a'), anAgent('node-a'), aReportMap('node-a'));
    expect(nodesOutput(facts)).toEqual({
      total: 2,
      told: 1,
      unknown: 1,
      nodes: [
        {
          name: 'node-a',
          state: 'told',
          agent: '0.1.0',
          kernel: '6.8.0-45-generic',
          headers: 'yes',
          os: 'ubuntu 24.04',
          cpus: 64,
          hyperThreading: 'on',
          hugePages: [
            { sizeKiB: 2048, total: 16_384, free: 12_288 },
            { sizeKiB: 1_048_576, total: 0, free: 0 },
          ],
          wekaModules: ['wekafsgw 4.4.10', 'wekafsio'],
          wekaMounts: 3,
          freeGiB: 320,
        },
        {
          name: 'node-b',
          state: 'unknown',
          why: 'No agent runs on node-b.',
          kernel: '6.8.0-45-generic',
          os: 'Ubuntu 24.04 LTS',
        },
      ],
    });
  });

  it('is by the node itself where its report does not count, so that no kernel of an earlier boot is shown as its own', () => {
    const rebooted = aNode('node-a', {
      info: { bootID: OTHER_BOOT, kernelVersion: '6.8.0-50-generic', osImage: 'Ubuntu 24.04.1 LTS' },
    });
    const [row] = nodesOutput(factsOf(rebooted, anAgent('node-a'), aReportMap('node-a'))).nodes;
    expect(row).toMatchObject({
      state: 'unknown',
      kernel: '6.8.0-50-generic',
      os: 'Ubuntu 24.04.1 LTS',
      cpus: 64,
    });
    // The last report says it of the kernel before.
    expect(row).not.toHaveProperty('headers');

    const silent = factsOf(node('node-a'), aReportMap('node-a'));
    expect(nodesOutput(silent).nodes).toMatchObject([{ state: 'unknown', headers: 'yes' }]);
  });

  it('leaves out what a report does not know', () => {
    const why = { unknown: 'There is no such file.' };
    const { row } = reportBrief(
      aReport('node-a', {
        kernel: why,
        os: why,
        cpus: why,
        hyperThreading: why,
        modules: why,
        wekaMounts: [
          { interface: '', active: 1 },
          { interface: 'b', active: why },
        ],
        persistence: why,
        hugePages: [
          { sizeKiB: 2048, numaNode: 0, total: 10, free: why },
          { sizeKiB: 2048, numaNode: 1, total: 10, free: 3 },
        ],
      }),
    );
    expect(row).toEqual({ agent: '0.1.0', hugePages: [{ sizeKiB: 2048, total: 20 }] });
  });

  it('says whether the headers are those of the kernel that runs', () => {
    expect(reportBrief(aReport('node-a', { headers: ['6.8.0-44-generic'] })).row.headers).toBe('no');
    expect(
      reportBrief(aReport('node-a', { headers: { unknown: 'No folder.' } })).row.headers,
    ).toBeUndefined();
  });

  it('is bounded for ten thousand nodes, and names those that have something to say', () => {
    const output = NodesOutput.parse(nodesOutput(fleet(10_000, 3)));
    expect(output).toMatchObject({ total: 10_000, told: 9997, unknown: 3 });
    expect(output.nodes.map(({ name, why }) => `${name}: ${why}`)).toEqual([
      'node-00000: No agent runs on node-00000.',
      'node-00001: No agent runs on node-00001.',
      'node-00002: No agent runs on node-00002.',
    ]);
    const many = nodesOutput(fleet(10_000, 9000));
    expect([many.unknown, many.nodes.length]).toEqual([9000, 100]);
  });

  it('is no news where nothing but figures moved', () => {
    const told = (free: number, active: number) =>
      JSON.stringify(
        nodesNews(
          nodesOutput(
            factsOf(
              node('node-a'),
              anAgent('node-a'),
              aReportMap(
                'node-a',
                aReport('node-a', {
                  hugePages: [{ sizeKiB: 2048, total: 4096, free }],
                  wekaMounts: [{ interface: '', active }],
                }),
              ),
            ),
          ),
        ),
      );
    expect(told(1, 1)).toBe(told(2048, 5));
    expect(told(1, 1)).toContain('"total":4096');
  });
});
