import type { WekaContainer } from '../../../schemas/weka-container.ts';
import { containerLabels } from '../desired/container-labels.ts';
import { helperTolerations } from '../desired/tolerations.ts';
import { hugePagesMiB, memoryMiB } from '../desired/sizing.ts';
import { millis, units } from '../facts/amounts.ts';
import { wekaTolerations } from '../facts/node-match.ts';
import { ownerKey } from '../facts/node-usage.ts';
import { NOTHING, type Resources } from '../facts/resources.ts';
import { EXCLUSIVE_MODES, sameHost } from './host-rules.ts';
import { podTerms } from './pod-term.ts';
import { clientRequests, EPHEMERAL_BYTES } from './requests.ts';
import { spreadOf } from './spread-rules.ts';
import type { PortChoice, Shape, Wants } from './wanted.ts';

/** Modes of containers that WEKA's data passes through; others help, and have no ports of the host. */
const DATA_MODES = ['client', 'drive', 'compute', 's3', 'nfs', 'smbw'] as const;
type DataMode = (typeof DATA_MODES)[number];

const MIB = 2 ** 20;

/** The one container that a WekaContainer is. */
export function wantContainer(manifest: WekaContainer): Wants {
  const { metadata, spec } = manifest;
  const { namespace, name } = metadata;
  const key = ownerKey('WekaContainer', namespace, name);
  const mode = DATA_MODES.find((each) => each === spec.mode);
  const labels = containerLabels(manifest);
  const pod = { namespace, labels };
  const cores = spec.numCores || 1;
  const drives = spec.numDrives ?? 0;
  const shared = Boolean(spec.driveCapacity) || Boolean(spec.containerCapacity);
  const region = spec.numa?.single === true ? spec.numa.region : undefined;
  const alone = spec.dropAffinityConstraints !== true && EXCLUSIVE_MODES.includes(spec.mode);
  const raw = spec.tolerations ?? [];
  const shape: Shape = {
    key,
    owner: key,
    namespace,
    mode: spec.mode,
    labels,
    requests: mode === undefined ? helperRequests(spec) : dataRequests(spec, mode),
    companions: [],
    nodeSelector: spec.nodeSelector ?? {},
    nodeTerms:
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [],
    tolerations:
      mode === undefined
        ? [...helperTolerations(), ...raw]
        : wekaTolerations({ rawTolerations: raw }, mode === 'client' ? 'client' : 'cluster'),
    affinity: podTerms(spec.affinity, 'podAffinity', pod),
    antiAffinity: [
      ...podTerms(spec.affinity, 'podAntiAffinity', pod),
      ...(alone ? [sameHost('protocols')] : []),
    ],
    spread: (spec.topologySpreadConstraints ?? []).flatMap((each) => spreadOf(each, pod)),
    softSpread: [],
    failureDomain:
      spec.failureDomain?.compositeLabels ?? (spec.failureDomain?.label ? [spec.failureDomain.label] : []),
    drives:
      drives > 0 && !shared ? { count: drives, ...(region !== undefined && { numa: region }) } : undefined,
    sharesDrives: shared,
    ports: mode === undefined ? { kind: 'none' } : ownPorts(spec),
    cores: {
      data: cores,
      extra: spec.extraCores ?? 0,
      ids: spec.cpuPolicy === 'manual' ? (spec.coreIds ?? []) : [],
    },
  };
  const node = spec.nodeAffinity || undefined;
  return {
    containers: [{ namespace, name, shape, companions: [], ...(node !== undefined && { node }) }],
    ranges: [],
  };
}

function ownPorts({ port = 0, agentPort = 0, portRange }: WekaContainer['spec']): PortChoice {
  const { basePort: first = 45_000, portRange: count = 0 } = portRange ?? {};
  return {
    kind: 'own',
    port,
    agentPort,
    first,
    last: count === 0 ? 65_535 : Math.min(65_535, first + count - 1),
  };
}

/** Distribution and builder: half a core and 3000 MB unless the manifest says otherwise, and our programs (§2.3). */
function helperRequests({ resources }: WekaContainer['spec']): Shape['requests'] {
  const { cpu = '500m', memory = '3000M', 'hugepages-2Mi': pages = 0 } = resources?.requests ?? {};
  const requests: Resources = {
    ...NOTHING,
    cpuMillis: millis(cpu),
    memoryBytes: units(memory),
    hugePages2MiBytes: units(pages),
  };
  return { plain: requests, threaded: requests };
}

function dataRequests(spec: WekaContainer['spec'], mode: DataMode): Shape['requests'] {
  const { cpuPolicy: policy, numDrives: drives = 0, resources, additionalMemory } = spec;
  const cores = spec.numCores || 1;
  const extraCores = spec.extraCores ?? 0;
  const hugepagesMiB = spec.hugepages || hugePagesMiB({ role: mode, cores, drives });
  const asked = {
    resources,
    cpuRequest: undefined,
    hugepagesMiB,
    additionalMemory:
      additionalMemory +
      memoryMiB({ role: mode, cores, extraCores, drives }) -
      memoryMiB({ role: 'client', cores, extraCores, drives: 0 }),
  };
  const { plain, threaded } = clientRequests({ cores, extraCores, policy }, asked);
  const inPages = (requests: Resources): Resources =>
    spec.hugepagesSize === '1Gi'
      ? {
          ...requests,
          hugePages2MiBytes: 0,
          hugePages1GiBytes: Math.ceil(hugepagesMiB / 1024) * 1024 * MIB,
          drives,
        }
      : { ...requests, drives };
  return {
    plain: { ...inPages(plain), ephemeralBytes: EPHEMERAL_BYTES },
    threaded: { ...inPages(threaded), ephemeralBytes: EPHEMERAL_BYTES },
  };
}
