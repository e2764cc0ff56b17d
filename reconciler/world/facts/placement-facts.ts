import { nodeFacts } from '../../core/facts/node-facts.ts';
import { podFacts } from '../../core/facts/pod-facts.ts';
import { record } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { PlacementFacts, StorageFacts } from '../../core/placement/placement-facts.ts';
import type { Interruptible, PlacementQuestion } from '../../ports.ts';
import { agentReports } from '../../core/nodes/agent-reports.ts';
import { withReport } from '../../core/nodes/with-report.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list, type Listing } from '../live/list.ts';
import { everywhere } from './everywhere.ts';
import { readReports, type Reports } from './see-nodes.ts';

/** What the agents of nodes say. */
export interface AgentsKnown {
  /** Where they are; undefined where nobody asks them. */
  readonly agentNamespace?: string | undefined;
  /** Their reports, where these are known already. */
  readonly reports?: () => Promise<Reports>;
}

/** What decides where pods can stand, each kind listed once and in whole, or an error. */
export async function placementFacts(
  api: KubeApi,
  { signal, volumes = false, agentNamespace, reports: known }: PlacementQuestion & AgentsKnown = {},
): Promise<PlacementFacts> {
  const options = { signal };
  const [nodes, pods, namespaces, storage, reports] = await Promise.all([
    listAll(api, 'Node', 'nodes', nodeFacts, options),
    listAll(api, 'Pod', 'pods', podFacts, options),
    listAll(
      api,
      'Namespace',
      'namespaces',
      ({ metadata }) => [metadata.name, record(metadata.labels) as Readonly<Record<string, string>>] as const,
      { ...options, metadataOnly: true },
    ),
    volumes ? storageFacts(api, options) : undefined,
    agentNamespace === undefined ? undefined : (known?.() ?? readReports(api, agentNamespace, options)),
  ]);
  const told =
    agentNamespace === undefined || reports === undefined
      ? undefined
      : agentReports(nodes, { namespace: agentNamespace, pods, reports });
  return {
    nodes: nodes.map((node) => withReport(node, told?.get(node.name))),
    pods,
    namespaces: new Map(namespaces),
    ...storage,
  };
}

/** Volumes and their classes, each listed once and in whole, or an error. */
export async function storageFacts(api: KubeApi, { signal }: Interruptible = {}): Promise<StorageFacts> {
  const itself = (object: KubeObject) => object;
  const [volumes, classes] = await Promise.all([
    listAll(api, 'PersistentVolume', 'persistentvolumes', itself, { signal }),
    listAll(api, 'StorageClass', 'storageclasses', itself, { signal, ...CLASSES }),
  ]);
  return { volumes, classes };
}

async function listAll<Kept>(
  api: KubeApi,
  kind: string,
  plural: string,
  keep: (object: KubeObject) => Kept,
  { signal, ...more }: Interruptible & Partial<Pick<Listing, 'kind' | 'metadataOnly'>>,
): Promise<readonly Kept[]> {
  // A list that is begun anew gives some objects twice; only what it ends with counts.
  const kept = new Map<KubeObject, Kept>();
  const listed = await list(api, {
    kind: everywhere(kind, plural),
    keep(object) {
      const named = { apiVersion: 'v1', kind, metadata: { name: object.metadata.name } };
      kept.set(named, keep(object));
      return named;
    },
    ...(signal !== undefined && { signal }),
    ...more,
  });
  return listed.flatMap((object) => {
    const facts = kept.get(object);
    return facts === undefined ? [] : [facts];
  });
}

const CLASSES = {
  kind: { ...everywhere('StorageClass', 'storageclasses'), apiVersion: 'storage.k8s.io/v1' },
};
