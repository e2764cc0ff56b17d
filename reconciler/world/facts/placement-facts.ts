import { nodeFacts } from '../../core/facts/node-facts.ts';
import { podFacts } from '../../core/facts/pod-facts.ts';
import { record } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { PlacementFacts } from '../../core/placement/placement-facts.ts';
import type { PlacementQuestion } from '../../ports.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list, type Listing } from '../live/list.ts';
import { everywhere } from './everywhere.ts';

/** What decides where pods can stand, each kind listed once and in whole, or an error. */
export async function placementFacts(
  api: KubeApi,
  { signal, volumes: asksVolumes = false }: PlacementQuestion = {},
): Promise<PlacementFacts> {
  const all = async <Kept>(
    kind: string,
    plural: string,
    keep: (object: KubeObject) => Kept,
    more: Partial<Listing> = {},
  ): Promise<readonly Kept[]> => {
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
  };
  const itself = (object: KubeObject) => object;
  const [nodes, pods, namespaces, volumes, classes] = await Promise.all([
    all('Node', 'nodes', nodeFacts),
    all('Pod', 'pods', podFacts),
    all(
      'Namespace',
      'namespaces',
      ({ metadata }) => [metadata.name, record(metadata.labels) as Readonly<Record<string, string>>] as const,
      { metadataOnly: true },
    ),
    asksVolumes ? all('PersistentVolume', 'persistentvolumes', itself) : undefined,
    asksVolumes ? all('StorageClass', 'storageclasses', itself, CLASSES) : undefined,
  ]);
  return {
    nodes,
    pods,
    namespaces: new Map(namespaces),
    ...(volumes !== undefined && { volumes }),
    ...(classes !== undefined && { classes }),
  };
}

const CLASSES = {
  kind: { ...everywhere('StorageClass', 'storageclasses'), apiVersion: 'storage.k8s.io/v1' },
};
