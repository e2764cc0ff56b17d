import { parseAllDocuments } from 'yaml';

type Values = Readonly<Record<string, unknown>>;

/** The fragment of a rule's example as whole manifests: of a WekaCluster where it names no kind, with a name, a namespace and an image. */
export function completed(example: string): string {
  const items = parseAllDocuments(example).map((document) => {
    const given = document.toJS() as Values;
    const kind = typeof given['kind'] === 'string' ? given['kind'] : 'WekaCluster';
    const vendors = kind.startsWith('Weka');
    const namespaced = vendors || !['Settings', 'Approval', 'Namespace', 'StorageClass'].includes(kind);
    const images = ['WekaCluster', 'WekaClient', 'WekaContainer'].includes(kind);
    return {
      apiVersion: vendors
        ? 'weka.weka.io/v1alpha1'
        : ['Settings', 'Approval'].includes(kind)
          ? 'weka-gitops.dev/v1'
          : 'v1',
      kind,
      ...given,
      metadata: {
        name: 'demo',
        ...(namespaced ? { namespace: 'weka' } : {}),
        ...(given['metadata'] as Values | undefined),
      },
      ...(images
        ? {
            spec: {
              image: 'quay.io/weka.io/weka-in-container:4.4.10',
              ...(given['spec'] as Values | undefined),
            },
          }
        : {}),
    };
  });
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
