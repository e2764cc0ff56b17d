import { describe, expect, it } from 'vitest';
import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { decidedBy, decides } from '../../../../reconciler/core/explain/decided-by.ts';
import { findField, parseField } from '../../../../reconciler/core/explain/field-target.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { pathText } from '../../../../reconciler/core/spec/problem.ts';
import { parseSpecs, type Spec } from '../../../../reconciler/core/spec/parse.ts';
import { configMap, wekaContainer } from '../../../support/manifests.ts';

const CONTEXT = { applySet: 'set', image: 'ours:1' };
const POD = 'v1/Pod/weka/dist' as ObjectId;

function spec(manifest: string): Spec {
  const { specs } = parseSpecs([{ path: 'a.yaml', content: Buffer.from(manifest) }], {
    kinds: [],
    systemNamespace: 'system',
  });
  return specs[0]!;
}

const container = spec(
  wekaContainer('weka', 'dist', {
    resources: { requests: { cpu: '700m' } },
    nodeSelector: { role: 'drivers' },
  }),
);

/** The fields of the manifest that decide one of the pod. */
function deciding(field: string): readonly string[] {
  const pod = buildDesired({ specs: [container], broken: [] }, CONTEXT).objects.find(({ id }) => id === POD)!;
  const written = parseField(field);
  if ('message' in written) throw new Error(written.message);
  const { path } = findField(pod.object, written)!;
  return decidedBy(container, POD, path, CONTEXT).map(pathText);
}

describe('a field of a pod of WEKA', () => {
  it('is decided by the fields of its manifest', () => {
    expect(deciding('spec.containers[weka-container].image')).toEqual(['spec.image']);
    expect(deciding('spec.containers[weka-container].resources.requests.cpu')).toEqual([
      'spec.resources.requests.cpu',
    ]);
    expect(deciding('metadata.labels.app')).toEqual(['metadata.labels.app']);
    expect(deciding('spec.containers[weka-container].env[PORT].value')).toEqual(['spec.port']);
  });

  it('is decided by none where it is always the same, or where everything decides it', () => {
    expect(deciding('spec.automountServiceAccountToken')).toEqual([]);
    expect(deciding('spec.initContainers[programs].image')).toEqual([]);
  });
});

describe('a field of a manifest', () => {
  it('decides fields of what is built of it', () => {
    const told = decides(container, ['spec', 'port'], CONTEXT).map(({ id, path }) => `${id} ${path}`);
    expect(told).toContain(`${POD} spec.containers[name=weka-container].env[name=PORT].value`);
    expect(told).toContain('v1/ConfigMap/weka/weka-wekacontainer-dist data.generation');
    expect(told.join()).not.toContain('applied-fields');
  });

  it('of an object decides nothing else', () => {
    expect(decides(spec(configMap('weka', 'a', { k: 'v' })), ['data', 'k'], CONTEXT)).toEqual([]);
  });
});
