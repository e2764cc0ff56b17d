import { describe, expect, it } from 'vitest';
import { type AgentReport, briefOf, told, toldBy } from '../../../../reconciler/core/nodes/agent-report.ts';
import { readReport } from '../../../../reconciler/core/nodes/read-report.ts';
import { aNode, factsOf, type NodeOptions, UNTOLD_THREADS } from '../lint/facts/build-facts.ts';
import { aReport, aReportMap, anAgent, BOOT, OTHER_BOOT } from './build-reports.ts';

const node = (name = 'node-a', options: NodeOptions = {}) =>
  aNode(name, { info: { bootID: BOOT }, ...options });

/** What counts of the agent of node-a, or why nothing does. */
function saidOf(...objects: readonly object[]): string {
  return said(factsOf(...objects).reports.get('node-a'));
}

function said(report: AgentReport | undefined): string {
  if (report === undefined) return 'There is no entry.';
  return report.state === 'told' ? `told by ${report.report.node}` : report.why;
}

describe('the report of a node', () => {
  it('counts while it is of the boot that runs, the node is ready, and so is its agent', () => {
    expect(saidOf(node(), anAgent('node-a'), aReportMap('node-a'))).toBe('told by node-a');
  });

  it.each<[string, readonly object[], string]>([
    ['there is no agent, and was none', [node()], 'No agent runs on node-a.'],
    ['its agent is gone', [node(), aReportMap('node-a')], 'No agent runs on node-a.'],
    [
      'its agent is on its way out',
      [node(), anAgent('node-a', { deletionTimestamp: '2027-01-01T00:00:00Z' }), aReportMap('node-a')],
      'No agent runs on node-a.',
    ],
    [
      'its agent has ended',
      [node(), anAgent('node-a', { phase: 'Failed' }), aReportMap('node-a')],
      'No agent runs on node-a.',
    ],
    [
      'the agent is one of another namespace',
      [node(), anAgent('node-a', { namespace: 'weka' }), aReportMap('node-a')],
      'No agent runs on node-a.',
    ],
    [
      'the pod is another one',
      [node(), anAgent('node-a', { labels: {} }), aReportMap('node-a')],
      'No agent runs on node-a.',
    ],
    [
      'the agent is on another node',
      [node(), anAgent('node-b'), aReportMap('node-a')],
      'No agent runs on node-a.',
    ],
    [
      'the agent is not ready',
      [node(), anAgent('node-a', { ready: false }), aReportMap('node-a')],
      'The agent on node-a is not ready: see pod weka-gitops-nodes/weka-nodeagent-node-a.',
    ],
    [
      'the node is not ready',
      [node('node-a', { ready: false }), anAgent('node-a'), aReportMap('node-a')],
      'node-a is not ready, so what its agent reported may be over.',
    ],
    ['nothing was reported', [node(), anAgent('node-a')], 'The agent on node-a has not reported yet.'],
    [
      'the report is in another namespace',
      [node(), anAgent('node-a'), aReportMap('node-a', aReport('node-a'), 'weka')],
      'The agent on node-a has not reported yet.',
    ],
    [
      'the report is damaged',
      [node(), anAgent('node-a'), aReportMap('node-a', 'nonsense')],
      'The report of node-a is not the JSON that it should be.',
    ],
    [
      'it is of another boot',
      [node('node-a', { info: { bootID: OTHER_BOOT } }), anAgent('node-a'), aReportMap('node-a')],
      `The report of node-a is of another boot than the one that runs: of ${BOOT}, and not of ${OTHER_BOOT}.`,
    ],
    [
      'it does not know its boot',
      [
        node(),
        anAgent('node-a'),
        aReportMap('node-a', aReport('node-a', { bootId: { unknown: 'There is no boot_id.' } })),
      ],
      'The report of node-a does not say which boot it is of.',
    ],
    [
      'the node does not say which boot it runs',
      [aNode('node-a'), anAgent('node-a'), aReportMap('node-a')],
      'node-a does not say which boot it runs, so its report may be of another one.',
    ],
  ])('counts for nothing where %s', (_, objects, why) => {
    expect(saidOf(...objects)).toBe(why);
  });

  it('counts where one of two agents on the node does its work', () => {
    const ready = {
      ...anAgent('node-a'),
      metadata: { ...(anAgent('node-a') as { metadata: object }).metadata, name: 'other' },
    };
    expect(saidOf(node(), anAgent('node-a', { ready: false }), ready, aReportMap('node-a'))).toBe(
      'told by node-a',
    );
  });

  it('counts whatever the case of the letters of its boot', () => {
    const shouting = node('node-a', { info: { bootID: BOOT.toUpperCase() } });
    expect(saidOf(shouting, anAgent('node-a'), aReportMap('node-a'))).toBe('told by node-a');
  });

  it('is there to look at where it does not count, and nothing comes of it', () => {
    const { reports } = factsOf(node(), aReportMap('node-a'));
    const report = reports.get('node-a');
    expect(report).toMatchObject({ state: 'unknown', last: { node: 'node-a' } });
    expect(toldBy(report)).toBeUndefined();
    expect(report && briefOf(report)?.row.cpus).toBe(64);
  });

  it('has an entry for every node, and for nothing else', () => {
    const { reports } = factsOf(node('node-a'), node('node-b'), anAgent('node-c'), aReportMap('node-c'));
    expect([...reports.keys()]).toEqual(['node-a', 'node-b']);
  });

  it('is the same value each time it is found to count', () => {
    const read = readReport('node-a', aReportMap('node-a'));
    if (read.state !== 'whole') throw new Error(read.why);
    expect(told(read)).toBe(told(read));
    expect(toldBy(told(read))).toEqual(aReport('node-a'));
  });
});

describe('hyper-threading', () => {
  const annotated = (isOn: boolean) =>
    node('node-a', { annotations: { 'weka.io/discovery.json': JSON.stringify({ is_ht: isOn }) } });
  const threads = (...objects: readonly object[]) => factsOf(...objects).nodes[0]?.hyperThreading;

  it.each([
    ['on', true],
    ['off', false],
    ['unsupported', false],
  ] as const)('that is %s by the report is so, whatever an annotation says', (hyperThreading, isOn) => {
    const report = aReportMap('node-a', aReport('node-a', { hyperThreading }));
    expect(threads(annotated(!isOn), anAgent('node-a'), report)).toBe(isOn);
  });

  it('is what the annotation says where no report counts, or the report does not know it', () => {
    const off = aReportMap('node-a', aReport('node-a', { hyperThreading: 'off' }));
    const unknown = aReportMap('node-a', aReport('node-a', { hyperThreading: { unknown: 'No file.' } }));
    expect(threads(annotated(true), off)).toBe(true);
    expect(threads(annotated(true), anAgent('node-a'), unknown)).toBe(true);
    expect(threads(annotated(true))).toBe(true);
    expect(threads(node('node-a', { annotations: UNTOLD_THREADS }))).toBeUndefined();
  });
});
