import { describe, expect, it } from 'vitest';
import { agentReports } from '../../../../reconciler/core/nodes/agent-reports.ts';
import { driverReport } from '../../../../reconciler/core/nodes/driver-report.ts';
import { type ReadReport, readReport } from '../../../../reconciler/core/nodes/read-report.ts';
import { aReport, aReportMap, BOOT } from './build-reports.ts';

const node = { name: 'node-a', isReady: true, bootId: BOOT };
const pod = {
  namespace: 'n',
  name: 'agent',
  node: 'node-a',
  labels: { 'app.kubernetes.io/name': 'weka-nodeagent' },
  ended: false,
  ready: true as const,
};

function told(read: ReadReport) {
  const report = agentReports([node], {
    namespace: 'n',
    pods: [pod],
    reports: new Map([['node-a', read]]),
  }).get('node-a');
  if (report?.state !== 'told') throw new Error('It counts.');
  return report;
}

describe('what of a report decides about drivers', () => {
  it('is its kernel, its system, its headers, the modules of WEKA and how far drivers are', () => {
    const drivers = { state: 'working' as const, modules: [], cached: [] };
    const report = aReport('node-a', {}, { drivers, intentGeneration: 3 });
    const known = driverReport(told(readReport('node-a', aReportMap('node-a', report))));
    expect(known).toMatchObject({
      intentGeneration: 3,
      drivers,
      observed: {
        bootId: BOOT,
        kernel: { release: '6.8.0-45-generic' },
        os: { id: 'ubuntu' },
        headers: ['6.8.0-45-generic'],
        modules: [{ name: 'wekafsgw' }, { name: 'wekafsio' }],
      },
    });
    expect(Object.keys(known.observed)).toHaveLength(5);
  });

  it('is worked out once for as long as the report stays as it is', () => {
    const read = readReport('node-a', aReportMap('node-a'));
    expect(driverReport(told(read))).toBe(driverReport(told(read)));
    expect(driverReport(told(readReport('node-a', aReportMap('node-a'))))).not.toBe(driverReport(told(read)));
  });
});
