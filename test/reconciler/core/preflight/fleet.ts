import { Buffer } from 'node:buffer';
import { nodeReport, packReport } from '../../../../nodeagent/node-report.ts';
import type { NodeReport } from '../../../../schemas/node-report.ts';
import { REPORT_KEY, reportName } from '../../../../schemas/node/config-maps.ts';
import { aNode, type NodeOptions } from '../lint/facts/build-facts.ts';

export type Observed = NodeReport['observed'];

const BOOT = '6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11';

const NIC: Extract<Observed['networkInterfaces'], readonly unknown[]>[number] = {
  name: 'eth1',
  kind: 'ethernet',
  mac: '0c:42:a1:00:00:01',
  addresses: ['10.0.0.11/24'],
  link: 'up',
  speedMbps: 100_000,
  mtu: 9000,
  driver: 'mlx5_core',
  pciAddress: '0000:3b:00.0',
  lower: [],
};

/** A network device like eth1 but for what `changes` says. */
export function aDevice(changes: Partial<typeof NIC> = {}): typeof NIC {
  return { ...NIC, ...changes };
}

/** An NVMe drive. */
export function aDrive(name: string): Extract<Observed['blockDevices'], readonly unknown[]>[number] {
  return { name, sizeBytes: 2 ** 42, rotational: 'no', removable: 'no', readOnly: 'no' };
}

/** What the agent sees of a node that lacks nothing, but for what `changes` says. */
export function observed(changes: Partial<Observed> = {}): Observed {
  return {
    bootId: BOOT,
    os: { id: 'ubuntu', versionId: '24.04' },
    kernel: { release: '6.8.0-45-generic', build: '#45-Ubuntu SMP', architecture: 'x86_64' },
    modules: [],
    moduleLoading: 'allowed',
    moduleSignatures: 'optional',
    lockdown: 'none',
    secureBoot: 'off',
    headers: ['6.8.0-45-generic'],
    cpus: {
      threads: 16,
      cores: 16,
      sockets: 1,
      vendor: 'GenuineIntel',
      model: 'Intel(R) Xeon(R) Gold 6338',
      features: ['avx', 'avx2'],
    },
    hyperThreading: 'off',
    numaNodes: [],
    memoryMiB: 196_608,
    hugePages: [{ sizeKiB: 2048, total: 32_768, free: 32_768 }],
    iommu: 'off',
    cpuManager: { policy: 'static', sharedCpus: '0' },
    persistence: {
      path: '/opt/k8s-weka',
      exists: 'yes',
      fileSystem: 'xfs',
      mountPoint: '/opt/k8s-weka',
      totalGiB: 500,
      freeGiB: 400,
    },
    wekaMounts: [],
    blockDevices: [aDrive('nvme0n1'), aDrive('nvme1n1'), aDrive('nvme2n1')],
    xfsTools: ['mkfs.xfs', 'xfs_repair'],
    networkInterfaces: [NIC],
    ...changes,
  };
}

/** A node with its agent and what that reports: the objects that kubectl prints. */
export function reporting(
  name: string,
  changes: Partial<Observed> = {},
  options: NodeOptions = {},
): readonly object[] {
  const report = nodeReport({
    node: name,
    agentVersion: '0.1.0',
    intentGeneration: 0,
    observed: observed(changes),
  });
  return [
    aNode(name, { ...options, info: { bootID: BOOT, kubeletVersion: 'v1.36.3', ...options.info } }),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'weka-gitops-nodes',
        name: `weka-nodeagent-${name}`,
        labels: { 'app.kubernetes.io/name': 'weka-nodeagent' },
      },
      spec: { nodeName: name, containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'weka-gitops-nodes', name: reportName(name) },
      binaryData: { [REPORT_KEY]: Buffer.from(packReport(report)).toString('base64') },
    },
  ];
}

/** What `kubectl get nodes,pods,configmaps -A -o json` prints of these objects. */
export function factsText(objects: readonly (object | readonly object[])[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.flat() });
}
