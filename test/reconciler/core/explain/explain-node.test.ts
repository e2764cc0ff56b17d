import { describe, expect, it } from 'vitest';
import type { DriversSeen } from '../../../../reconciler/core/drivers/drivers.ts';
import { explainNode } from '../../../../reconciler/core/explain/explain-node.ts';
import { aNode, factsOf } from '../lint/facts/build-facts.ts';
import { aReport, aReportMap, anAgent, BOOT } from '../nodes/build-reports.ts';
import { aCell, aDriverNode, aDriversReport, aTarget } from '../report/driver-samples.ts';
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

describe('the drivers of explain node/NAME', () => {
  const target = aTarget();

  function explained(drivers: DriversSeen | undefined, files: Readonly<Record<string, string>> = {}) {
    const { assessment, ...rest } = aSituation(files);
    const situation = { ...rest, assessment: { ...assessment, ...(drivers !== undefined && { drivers }) } };
    const answer = explainNode('node-a', factsOf(node), situation);
    if (!('facts' in answer)) throw new Error(answer.message);
    const facts = Object.fromEntries(answer.facts.map(({ name, value }) => [name, value]));
    return { ...answer, facts };
  }

  it('are told with the package, its modules one by one, and who asks', () => {
    const report = aDriversReport(target, {
      modules: [
        { name: 'wekafsgw', state: 'loaded', version: '4.4.5.118' },
        { name: 'wekafsio', state: 'failed', why: 'It wants a symbol that is missing.' },
      ],
    });
    const against = ['WekaClient weka/clients wants 4.4.2.157'];
    const { facts } = explained({
      cells: [aCell('built', target, ['node-a'])],
      nodes: [aDriverNode('node-a', target, { report, against })],
      lock: [],
    });
    expect(facts).toMatchObject({
      Drivers: '4.4.5.118 for 6.8.0-45-generic: loaded',
      'Asked for by': 'WekaCluster weka/demo',
      'Asked for besides': 'WekaClient weka/clients wants 4.4.2.157',
      'Driver modules': 'wekafsgw 4.4.5.118 (loaded), wekafsio (failed: It wants a symbol that is missing)',
    });
    expect(facts['Driver package']).toContain(`sha256:${'5'.repeat(64)}`);
  });

  it('are told with what holds them up, its cause and the way out', () => {
    const report = aDriversReport(target, {
      state: 'refused',
      code: 'IN_USE',
      message: 'wekafsio is in use.',
      hint: 'Unmount /mnt/weka.',
      users: ['mount /mnt/weka'],
    });
    const { facts, toChange } = explained({
      cells: [aCell('built', target, ['node-a'])],
      nodes: [aDriverNode('node-a', target, { report })],
      lock: [],
    });
    expect(facts).toMatchObject({
      Drivers: '4.4.5.118 for 6.8.0-45-generic: refused',
      'Held up by': 'IN_USE: wekafsio is in use.',
      'Used by': 'mount /mnt/weka',
    });
    expect(facts['Because']).toMatch(/^Mounts, modules or processes hold the drivers/);
    expect(toChange).toEqual(['IN_USE: Unmount /mnt/weka.']);
  });

  it('wait for their build while there is no package', () => {
    const cell = aCell('failed', target, ['node-a'], {
      code: 'NO_HEADERS',
      why: 'There are no headers.',
      hint: 'Install them.',
    });
    const drivers = { cells: [cell], nodes: [aDriverNode('node-a', target)], lock: [] };
    const { facts, waitsFor, toChange } = explained(drivers);
    expect(facts['Drivers']).toBe('4.4.5.118 for 6.8.0-45-generic: without a package');
    expect(waitsFor).toEqual([
      {
        target: 'drivers/4.4.5.118/6.8.0-45-generic',
        why: 'failed, NO_HEADERS: There are no headers.',
      },
    ]);
    expect(toChange).toEqual(['NO_HEADERS: Install them.']);
  });

  it('are asked for by nobody where no selector fits the labels of the node', () => {
    const client = `apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata: { name: clients, namespace: weka }
spec:
  image: quay.io/weka.io/weka-in-container:4.4.5.118-k8s.3
  nodeSelector: { weka.io/supports-clients: 'true' }
`;
    const { now, facts, toChange } = explained({ cells: [], nodes: [], lock: [] }, { 'client.yaml': client });
    expect(now.at(-1)).toBe(
      'It gets no drivers. No manifest asks for drivers there: the labels of the node fit no nodeSelector.',
    );
    expect(facts['Not selected by']).toBe(
      'WekaClient weka/clients (client.yaml:1), which wants weka.io/supports-clients=true',
    );
    expect(toChange.at(-1)).toMatch(/^Compare the labels of the node/);
  });

  it('are not told where nobody asks for any anywhere, or nodes could not be read', () => {
    expect(explained(undefined).now.join(' ')).not.toContain('drivers');
    const { now } = explained({ cells: [], nodes: [], lock: [], unread: 'No answer.' });
    expect(now.at(-1)).toBe('Of its drivers nothing is known: No answer.');
  });
});
