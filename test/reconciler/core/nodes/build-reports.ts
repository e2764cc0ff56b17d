import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { NodeReport, type NodeObservation } from '../../../../schemas/node-report.ts';

export const BOOT = '6c1f6a4e-0000-4000-8000-000000000001';
export const OTHER_BOOT = '6c1f6a4e-0000-4000-8000-000000000002';
const KERNEL = '6.8.0-45-generic';

/** What is seen of a node on which WEKA runs. */
export function anObservation(observed: Partial<NodeObservation> = {}): NodeObservation {
  return NodeReport.shape.observed.parse({
    bootId: BOOT,
    os: { id: 'ubuntu', versionId: '24.04' },
    kernel: { release: KERNEL, build: '#45-Ubuntu SMP', architecture: 'x86_64' },
    modules: [
      { name: 'ext4', state: 'live', inUse: 'yes', usedBy: [], parameters: [] },
      {
        name: 'wekafsgw',
        state: 'live',
        version: '4.4.10',
        inUse: 'yes',
        usedBy: ['wekafsio'],
        parameters: [],
      },
      { name: 'wekafsio', state: 'live', inUse: 'no', usedBy: [], parameters: [] },
    ],
    moduleLoading: 'allowed',
    moduleSignatures: 'optional',
    lockdown: 'none',
    secureBoot: 'off',
    headers: [KERNEL],
    cpus: { threads: 64, cores: 32, sockets: 2, vendor: 'GenuineIntel', model: 'Xeon', features: ['avx2'] },
    hyperThreading: 'on',
    numaNodes: [],
    memoryMiB: 515_000,
    hugePages: [
      { sizeKiB: 2048, numaNode: 0, total: 8192, free: 4096 },
      { sizeKiB: 2048, numaNode: 1, total: 8192, free: 8192 },
      { sizeKiB: 1_048_576, numaNode: 0, total: 0, free: 0 },
    ],
    iommu: 'off',
    cpuManager: { policy: 'static', sharedCpus: '0-1' },
    persistence: {
      path: '/opt/k8s-weka',
      exists: 'yes',
      fileSystem: 'xfs',
      mountPoint: '/opt/k8s-weka',
      totalGiB: 400,
      freeGiB: 320,
    },
    wekaMounts: [
      { interface: '', active: 1 },
      { interface: 'other', active: 2 },
    ],
    blockDevices: [],
    networkInterfaces: [],
    xfsTools: ['mkfs.xfs'],
    ...observed,
  });
}

export function aReport(
  node = 'node-a',
  observed: Partial<NodeObservation> = {},
  rest: Partial<NodeReport> = {},
): NodeReport {
  const parts = { node, agentVersion: '0.1.0', intentGeneration: 0, observed: anObservation(observed) };
  return NodeReport.parse({ schemaVersion: 1, ...parts, ...rest });
}

/** The ConfigMap of a report, or of whatever else. */
export function aReportMap(node: string, report: unknown = aReport(node), namespace = 'weka-gitops-nodes') {
  return aPackedMap(node, gzipSync(JSON.stringify(report)), namespace);
}

/** The ConfigMap of a report with these bytes in it. */
export function aPackedMap(node: string, packed: Uint8Array, namespace = 'weka-gitops-nodes') {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `weka-node-report-${node}`, namespace },
    binaryData: { 'report.json.gz': Buffer.from(packed).toString('base64') },
  };
}

export interface AgentOptions {
  readonly ready?: boolean;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly phase?: string;
}

/** The pod of the agent of a node, as kubectl prints it. */
export function anAgent(node: string, options: AgentOptions = {}): object {
  const { ready = true, namespace = 'weka-gitops-nodes', phase = 'Running', deletionTimestamp } = options;
  const { labels = { 'app.kubernetes.io/name': 'weka-nodeagent' } } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `weka-nodeagent-${node}`,
      namespace,
      labels,
      ...(deletionTimestamp && { deletionTimestamp }),
    },
    spec: { nodeName: node, containers: [{ name: 'agent' }] },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}
