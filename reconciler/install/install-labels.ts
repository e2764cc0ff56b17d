import { record } from '../core/kube/json.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { INSTALL_MANAGER } from '../core/plan/managed-fields.ts';

const INSTANCE = 'app.kubernetes.io/instance';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** What selects the objects that an installation of this name made. */
export function installedSelector(name: string): string {
  return `${MANAGED_BY}=${INSTALL_MANAGER},${INSTANCE}=${name}`;
}

/** Labels of everything that is installed. They change with each version, so that nothing may be selected by them. */
export function installLabels(name: string, version: string): Readonly<Record<string, string>> {
  return {
    [INSTANCE]: name,
    [MANAGED_BY]: INSTALL_MANAGER,
    'app.kubernetes.io/part-of': 'weka-gitops',
    'app.kubernetes.io/version': version.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 63),
  };
}

/** What a workload selects its pods by: never changed, since the API server does not let it be. */
export function podLabels(workload: string, name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': workload, [INSTANCE]: name };
}

/** An object as it is installed: with our labels beside its own. */
export function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const own = record(object.metadata.labels) as Readonly<Record<string, string>>;
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, ...own } } };
}
