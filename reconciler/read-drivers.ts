import { driverService } from './core/drivers/driver-service.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import { DISTRIBUTES } from './core/desired/dist-services.ts';
import type { GroupKind, KubeObject } from './core/kube/object.ts';
import { AGENT_NAMESPACE } from './core/nodes/agent-report.ts';
import type { NodesSeen, NodesUnread } from './core/nodes/nodes-seen.ts';
import type { ParsedSpecs, Spec } from './core/spec/parse.ts';
import { type KnownLock, readDriverLock } from './driver-lock.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible, Live, ReadScope } from './ports.ts';
import type { Installation } from './recorder.ts';

/** What has to be read for drivers besides the objects that manifests ask for. */
export interface DriversScope {
  readonly wanted: readonly KubeObject[];
  readonly besides: NonNullable<ReadScope['besides']>;
}

/** What was read for them. */
export interface DriversRead {
  readonly known: KnownLock & { readonly error?: ReconcilerError };
  /** Undefined where no agent is about; not read where nothing is asked of nodes. */
  readonly nodes: NodesSeen | NodesUnread | undefined;
  readonly isAsked: boolean;
}

const CONFIG_MAP = 'ConfigMap' as GroupKind;

/** What is to be read for drivers; undefined where no manifest has anything to do with them, and nothing is read. */
export function driversScope(
  { specs }: Pick<ParsedSpecs, 'specs'>,
  { agentNamespace = AGENT_NAMESPACE }: Pick<Installation, 'agentNamespace'>,
): DriversScope | undefined {
  if (!specs.some(asksForDrivers)) return undefined;
  const services = specs.flatMap((spec) => serviceAsked(spec) ?? []);
  return { wanted: services, besides: [{ kind: CONFIG_MAP, namespace: agentNamespace }] };
}

function asksForDrivers(spec: Spec): boolean {
  switch (spec.kind) {
    case 'WekaCluster':
    case 'WekaClient':
      return true;
    case 'WekaPolicy':
      return spec.policy.spec.type === DISTRIBUTES;
    case 'WekaContainer':
      return spec.container.spec.mode === 'drivers-builder';
    default:
      return false;
  }
}

/** The Service of the cluster that a manifest takes drivers from: others may have made it. */
function serviceAsked(spec: Spec): KubeObject | undefined {
  const says =
    spec.kind === 'WekaCluster'
      ? spec.cluster.spec.driversDistService
      : spec.kind === 'WekaClient'
        ? spec.client.spec.driversDistService
        : undefined;
  const metadata = says ? driverService(says, spec.manifest.metadata.namespace ?? '')?.inCluster : undefined;
  return metadata && { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata } };
}

/** Whether any of the objects is the Secret of a certificate: then it has to be known who vouches for it. */
function hasCertificates(desired: readonly DesiredObject[]): boolean {
  return desired.some(({ certificate }) => certificate !== undefined);
}

/** Reads what drivers are decided by, save for what is in the scope; undefined where nothing is about them. */
export async function readDrivers(
  scope: DriversScope | undefined,
  desired: readonly DesiredObject[],
  cluster: Cluster,
  installation: Installation,
  { signal }: Interruptible,
): Promise<DriversRead | undefined> {
  const isAsked = scope !== undefined;
  if (!isAsked && !hasCertificates(desired)) return undefined;
  const [known, nodes] = await Promise.all([
    knownLock(cluster, installation, { signal }),
    isAsked ? seeNodes(cluster, { signal }) : undefined,
  ]);
  return { known, nodes, isAsked };
}

/** The lock; where it may not be read, it is not known, and nothing else waits for that. */
async function knownLock(
  cluster: Cluster,
  installation: Installation,
  { signal }: Interruptible,
): Promise<DriversRead['known']> {
  try {
    return await readDriverLock(cluster, installation, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { lock: undefined, ca: undefined, live: undefined, error };
  }
}

async function seeNodes(
  cluster: Cluster,
  { signal }: Interruptible,
): Promise<NodesSeen | NodesUnread | undefined> {
  try {
    return await cluster.seeNodes({ signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { unread: error.message, isPassing: error.retry === 'next-pass' };
  }
}

/** What was read, without what could not be read of what is asked of nodes: it concerns drivers alone, and keeps nothing else back. */
export function withoutIntentsGap(live: Live, installation: Pick<Installation, 'agentNamespace'>): Live {
  const gap = intentsGap(live, installation);
  return gap === undefined ? live : { ...live, unread: live.unread.filter((each) => each !== gap) };
}

/** What of the intents of nodes could not be read. */
export function intentsGap(
  { unread }: Live,
  { agentNamespace = AGENT_NAMESPACE }: Pick<Installation, 'agentNamespace'>,
): Live['unread'][number] | undefined {
  return unread.find(({ kind, namespace }) => kind === CONFIG_MAP && namespace === agentNamespace);
}
