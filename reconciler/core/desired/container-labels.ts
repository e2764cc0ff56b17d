import type { WekaContainer } from '../../../schemas/weka-container.ts';

/** Labels of the pod of a container, which selectors of others may choose. */
export function containerLabels({
  metadata,
  spec,
}: Pick<WekaContainer, 'metadata' | 'spec'>): Readonly<Record<string, string>> {
  return {
    app: 'weka',
    'app.kubernetes.io/name': 'WekaContainer',
    'app.kubernetes.io/part-of': 'weka',
    'app.kubernetes.io/created-by': 'weka-gitops',
    ...metadata.labels,
    'weka.io/mode': spec.mode,
  };
}
