import { sizingOf, type Sizing } from '../../../schemas/weka/sizing.ts';
import type { WekaCluster } from '../../../schemas/weka-cluster.ts';
import { wekaTolerations } from '../facts/node-match.ts';
import { ownerKey } from '../facts/node-usage.ts';
import { type ClusterRole, CLUSTER_ROLES } from './cluster-role.ts';
import type { Labels } from './label-selector.ts';
import { podTerms, type PodTerm } from './pod-term.ts';
import { clusterPods, EXCLUSIVE_MODES, sameHost } from './host-rules.ts';
import { envoyRequests, roleRequests, sharedGiB, telemetryRequests } from './requests.ts';
import { failureDomainSpread, softSpreadKeys, spreadOf } from './spread-rules.ts';
import type { PortChoice, Shape, Wanted, Wants } from './wanted.ts';

/** What is known of a cluster besides its manifest. */
export interface ClusterOptions {
  /** Whether its version checks for 60 ports for each container (feature flag 3, weka-operator §2.5). */
  readonly smallPortBlocks?: boolean;
  /** Whether clients, S3 and NFS may share a node. */
  readonly allowMultipleProtocolsPerNode?: boolean;
}

/** The containers that a cluster asks for, called `<cluster>-<role>-<ordinal>`, and its range of ports. */
export function wantCluster(manifest: WekaCluster, options: ClusterOptions = {}): Wants {
  const { metadata, spec } = manifest;
  const sizing = sizingOf(spec);
  const owner = ownerKey('WekaCluster', metadata.namespace, metadata.name);
  const { ports = {} } = spec;
  const block = options.smallPortBlocks === true ? 60 : 100;
  const { basePort = 0, portRange = 0, ...singles } = ports;
  const named = Object.fromEntries(Object.entries(singles).filter(([, port]) => port));
  const size = portRange || (block === 60 ? 260 : 500);
  const containers = CLUSTER_ROLES.flatMap((role) => {
    const shape = roleShape(manifest, sizing, role, options);
    return Array.from({ length: sizing[role.containers] }, (_, ordinal) => wanted(manifest, shape, ordinal));
  });
  return { containers, ranges: [{ owner, first: basePort, size, block, singles: named }] };
}

function wanted({ metadata: { namespace, name } }: WekaCluster, shape: Shape, ordinal: number): Wanted {
  const called = (mode: string) => `${name}-${mode}-${ordinal}`;
  const companions = shape.companions.map((each) => ({
    namespace,
    name: called(each.mode),
    shape: each,
    companions: [],
  }));
  return { namespace, name: called(shape.mode), shape, companions };
}

function roleShape(manifest: WekaCluster, sizing: Sizing, role: ClusterRole, options: ClusterOptions): Shape {
  const { spec, metadata } = manifest;
  const { namespace } = metadata;
  const labels = podLabels(manifest, role.mode);
  const pod = { namespace, labels };
  const affinity =
    (role.role !== 'dataServices' ? spec.podConfig?.roleAffinity?.[role.role] : undefined) ??
    spec.podConfig?.affinity;
  const constraints =
    (role.role !== 'dataServices' ? spec.podConfig?.roleTopologySpreadConstraints?.[role.role] : undefined) ??
    spec.podConfig?.topologySpreadConstraints ??
    [];
  const shared = role.role === 'drive' && sharedGiB(sizing) !== undefined;
  const numa = spec.roleNuma?.[role.role] ?? spec.numa;
  const base: Shape = {
    key: `${ownerKey('WekaCluster', namespace, metadata.name)} ${role.mode}`,
    owner: ownerKey('WekaCluster', namespace, metadata.name),
    namespace,
    mode: role.mode,
    labels,
    requests: roleRequests(spec, sizing, role),
    companions: [],
    nodeSelector: spec.roleNodeSelector?.[role.role] ?? spec.nodeSelector ?? {},
    nodeTerms:
      affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [],
    tolerations: wekaTolerations(spec, 'cluster'),
    affinity: podTerms(affinity, 'podAffinity', pod),
    antiAffinity: [...podTerms(affinity, 'podAntiAffinity', pod), ...hostRules(manifest, role, options)],
    spread: [
      ...constraints.flatMap((each) => spreadOf(each, pod)),
      ...failureDomainSpread(spec.failureDomain, role.mode, pod),
    ],
    softSpread: softSpreadKeys(spec.failureDomain, constraints),
    failureDomain:
      spec.failureDomain?.compositeLabels ?? (spec.failureDomain?.label ? [spec.failureDomain.label] : []),
    drives:
      role.role === 'drive' && !shared && sizing.numDrives > 0
        ? {
            count: sizing.numDrives,
            ...(numa?.single === true && numa.region !== undefined && { numa: numa.region }),
          }
        : undefined,
    sharesDrives: shared,
    ports: { kind: 'cluster', block: true, singles: role.role === 's3' ? ['s3Port'] : [] },
    cores: {
      data: sizing[role.cores],
      extra: sizing[role.extraCores],
      ids: spec.cpuPolicy === 'manual' ? (spec.roleCoreIds?.[role.role] ?? []) : [],
    },
  };
  return { ...base, companions: companionsOf(manifest, sizing, base) };
}

/** Which containers of WEKA a node has one of (weka-operator §2.4). */
function hostRules(
  { metadata, spec }: WekaCluster,
  { mode }: ClusterRole,
  options: ClusterOptions,
): readonly PodTerm[] {
  if (spec.overrides?.disregardRedundancy === true) return [];
  if (!EXCLUSIVE_MODES.includes(mode)) return [sameHost(clusterPods(metadata, mode))];
  if (options.allowMultipleProtocolsPerNode === true) return [sameHost(clusterPods(metadata, mode))];
  return [sameHost('protocols')];
}

function companionsOf(manifest: WekaCluster, sizing: Sizing, host: Shape): readonly Shape[] {
  const companion = (mode: string, requests: Shape['requests'], ports: PortChoice, cores: number): Shape => ({
    ...host,
    key: `${host.owner} ${mode}`,
    mode,
    labels: podLabels(manifest, mode),
    requests,
    affinity: [sameHost(clusterPods(manifest.metadata, host.mode))],
    antiAffinity: [],
    nodeTerms: [],
    spread: [],
    softSpread: [],
    failureDomain: [],
    drives: undefined,
    sharesDrives: false,
    ports,
    cores: { data: cores, extra: 0, ids: [] },
  });
  if (host.mode === 's3') {
    const ports = { kind: 'cluster', block: false, singles: ['lbPort', 'lbAdminPort'] } as const;
    return [companion('envoy', envoyRequests(manifest.spec, sizing), ports, sizing.envoyCores)];
  }
  if (host.mode === 'compute' && (manifest.spec.telemetry?.exports ?? []).length > 0) {
    return [companion('telemetry', telemetryRequests(), { kind: 'none' }, 0)];
  }
  return [];
}

function podLabels({ metadata }: WekaCluster, mode: string): Labels {
  return { app: 'weka', 'weka.io/mode': mode, 'weka.io/cluster-name': metadata.name };
}
