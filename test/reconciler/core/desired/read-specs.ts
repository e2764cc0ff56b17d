import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { record, records } from '../../../../reconciler/core/kube/json.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { readFiles } from '../spec/read.ts';

export const IMAGE = 'example.com/weka-gitops:1';
export const CONTEXT = { applySet: 'applyset-x-v1', image: IMAGE };

/** What these manifests are built into; each is a text, or an object. */
export function builtOf(...manifests: readonly (string | object)[]) {
  const parsed = readFiles(
    Object.fromEntries(
      manifests.map((each, index) => [
        `${index}.yaml`,
        typeof each === 'string' ? each : JSON.stringify(each),
      ]),
    ),
  );
  const built = buildDesired(parsed, CONTEXT);
  const objects = new Map(built.objects.map(({ id, object }) => [String(id), object]));
  return { parsed, ...built, object: (id: string) => objects.get(id) };
}

/** Policy that distributes drivers. */
export function driversPolicy(name: string, payload: object = {}, spec: object = {}): object {
  return {
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaPolicy',
    metadata: { name, namespace: 'weka' },
    spec: {
      type: 'enable-local-drivers-distribution',
      image: 'quay.io/weka.io/weka-in-container:4.4.5',
      ...spec,
      payload: { driverDistPayload: payload },
    },
  };
}

/** What runs in a pod, or in those of a template: its spec, its container, and that one's variables. */
export function podOf(object: KubeObject | undefined) {
  const top = record(object?.['spec']);
  const spec = record(top['template'] === undefined ? top : record(top['template'])['spec']);
  const [container = {}] = records(spec['containers']);
  const env = Object.fromEntries(records(container['env']).map(({ name, value }) => [String(name), value]));
  const volumes = Object.fromEntries(
    records(spec['volumes']).map(({ name, ...from }) => [String(name), from]),
  );
  const mounts = Object.fromEntries(
    records(container['volumeMounts']).map(({ name, mountPath }) => [String(name), mountPath]),
  );
  return { spec, container, env, volumes, mounts };
}
