import { architecture } from './checks/architecture.ts';
import { avx2 } from './checks/avx2.ts';
import { cpuCores } from './checks/cpu-cores.ts';
import { cpuManager } from './checks/cpu-manager.ts';
import { hostPorts } from './checks/host-ports.ts';
import { hugePages } from './checks/huge-pages.ts';
import { kernelHeaders } from './checks/kernel-headers.ts';
import { kernelVersion } from './checks/kernel-version.ts';
import { memory } from './checks/memory.ts';
import { moduleLoading } from './checks/module-loading.ts';
import { moduleSignatures } from './checks/module-signatures.ts';
import { networkDevices } from './checks/network-devices.ts';
import { networkMtu } from './checks/network-mtu.ts';
import { nodeAgent } from './checks/node-agent.ts';
import { nodeInService } from './checks/node-in-service.ts';
import { nvmeDrives } from './checks/nvme-drives.ts';
import { operatingSystem } from './checks/operating-system.ts';
import { persistenceFileSystem } from './checks/persistence-file-system.ts';
import { storage } from './checks/storage.ts';
import { wekaModules } from './checks/weka-modules.ts';
import { wekaMounts } from './checks/weka-mounts.ts';
import { xfsTools } from './checks/xfs-tools.ts';
import type { ClusterCheck, NodeCheck } from './check.ts';
import { kubernetesVersion } from './cluster-checks/kubernetes-version.ts';
import { manifests } from './cluster-checks/manifests.ts';
import { nodesForRoles } from './cluster-checks/nodes-for-roles.ts';
import { nodesAlike } from './cluster-checks/nodes-alike.ts';
import { podNetwork } from './cluster-checks/pod-network.ts';
import { privilegedPods } from './cluster-checks/privileged-pods.ts';

/** All checks of the cluster, by names that stay. */
export const CLUSTER_CHECKS = {
  manifests,
  'kubernetes-version': kubernetesVersion,
  'nodes-for-roles': nodesForRoles,
  'pod-network': podNetwork,
  'privileged-pods': privilegedPods,
  'nodes-alike': nodesAlike,
} as const satisfies Readonly<Record<string, ClusterCheck>>;

/** All checks of each node, by names that stay, in the order in which they are told: what others depend on comes first. */
export const NODE_CHECKS = {
  'node-in-service': nodeInService,
  'node-agent': nodeAgent,
  architecture,
  'operating-system': operatingSystem,
  'kernel-version': kernelVersion,
  'kernel-headers': kernelHeaders,
  'module-loading': moduleLoading,
  'module-signatures': moduleSignatures,
  'weka-modules': wekaModules,
  'weka-mounts': wekaMounts,
  avx2,
  'cpu-manager': cpuManager,
  'cpu-cores': cpuCores,
  memory,
  'huge-pages': hugePages,
  storage,
  'persistence-file-system': persistenceFileSystem,
  'xfs-tools': xfsTools,
  'nvme-drives': nvmeDrives,
  'network-devices': networkDevices,
  'network-mtu': networkMtu,
  'host-ports': hostPorts,
} as const satisfies Readonly<Record<string, NodeCheck>>;

export type CheckId = keyof typeof CLUSTER_CHECKS | keyof typeof NODE_CHECKS;
