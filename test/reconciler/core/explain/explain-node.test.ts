import { describe, expect, it } from 'vitest';
import { explainNode } from '../../../../reconciler/core/explain/explain-node.ts';
import { aNode, factsOf } from '../lint/facts/build-facts.ts';
import { aReport, aReportMap, anAgent, BOOT } from '../nodes/build-reports.ts';
import { aSituation } from './situations.ts';

const node = aNode('node-a', { info: { bootID: BOOT } });

function told(...objects: readonly object[]) {
  const explained = explainNode('node-a', factsOf(node, ...objects), aSituation({}));
  if (!('facts' in explained)) throw new Error(explained.message);
  const facts = Object.fromEntries(explained.facts.map(({ name, value }) => [name, value]));
  return { now: explained.now, facts };
}

describe('explain node/NAME', () => {
  it('tells what its agent reports', () => {
    const { now, facts } = told(anAgent('node-a'), aReportMap('node-a'));
    expect(now).toContain('Its agent, version 0.1.0, tells of it.');
    expect(facts).toMatchObject({
      'Kernel headers': 'for 6.8.0-45-generic',
      CPUs: '64 CPUs, Xeon, AVX2',
      'Hyper-threading': 'on',
      'CPU manager': 'static, shared CPUs 0-1',
      'WEKA modules': 'wekafsgw 4.4.10 (live, in use), wekafsio (live, unused)',
      'WEKA mounts': 'driver: 1 active, other: 2 active',
      'Folder of WEKA': '/opt/k8s-weka, 320 of 400 GiB free, xfs at /opt/k8s-weka',
      'Kernel modules': 'loading allowed, signatures optional, lockdown none',
      'Huge pages of the node': '12,288 of 16,384 free of 2 MiB',
    });
  });

  it('tells why something is unknown, and what is not done', () => {
    const report = aReport(
      'node-a',
      { secureBoot: { unknown: 'There is no /sys/firmware/efi.' } },
      { intentGeneration: 7, intentRefused: 'It is of version 2, and this agent knows 1.' },
    );
    const { now, facts } = told(anAgent('node-a'), aReportMap('node-a', report));
    expect(now).toContain(
      'Its agent, version 0.1.0, tells of it, in answer to generation 7 of what it was asked.',
    );
    expect(facts).toMatchObject({
      'Secure Boot': 'unknown (There is no /sys/firmware/efi)',
      'Not done': 'It is of version 2, and this agent knows 1.',
    });
  });

  it('shows the last report as such where it does not count', () => {
    const { now, facts } = told(aReportMap('node-a'));
    expect(now).toContain('Nothing is known from its agent: No agent runs on node-a.');
    expect(facts).toMatchObject({ 'Hyper-threading (last report)': 'on' });
    expect(told().facts).not.toHaveProperty('Hyper-threading');
  });
});
