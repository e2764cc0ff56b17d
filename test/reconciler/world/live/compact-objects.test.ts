import { describe, expect, it } from 'vitest';
import { compare } from '../../../../reconciler/core/plan/compare.ts';
import { otherManagers } from '../../../../reconciler/core/plan/managed-fields.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { CompactObjects } from '../../../../reconciler/world/live/compact-objects.ts';

const COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** A Deployment as the API server tells it: applied by us, scaled by kubectl, watched by its controller. */
function deployment(name: string, { copyIsOurs = false } = {}): KubeObject {
  const time = `2026-11-25T21:00:0${name.length}Z`;
  const known = { apiVersion: 'apps/v1', fieldsType: 'FieldsV1', time };
  const annotations = copyIsOurs ? { 'f:annotations': { [`f:${COPY}`]: {} } } : {};
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'weka',
      uid: `uid of ${name}`,
      resourceVersion: '7',
      labels: { app: 'exporter' },
      annotations: { [COPY]: `{"copy":"of ${name}"}`, 'example.com/note': 'kept' },
      managedFields: [
        {
          ...known,
          manager: 'weka-gitops',
          operation: 'Apply',
          fieldsV1: { 'f:spec': { 'f:paused': {} }, 'f:metadata': annotations },
        },
        {
          ...known,
          manager: 'kubectl',
          operation: 'Update',
          subresource: 'scale',
          fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        },
        {
          ...known,
          manager: 'kube-controller-manager',
          operation: 'Update',
          subresource: 'status',
          fieldsV1: { 'f:status': { 'f:readyReplicas': {} } },
        },
      ],
    },
    spec: { replicas: 1, paused: false },
    status: { readyReplicas: 1 },
  };
}

describe('an object that is kept', () => {
  it('has no times, no managers of its status and no copy by kubectl', () => {
    const { metadata, ...rest } = new CompactObjects().object(deployment('a'));
    const { metadata: _, ...asItCame } = deployment('a');
    expect(rest).toEqual(asItCame);
    expect(metadata).toEqual({
      name: 'a',
      namespace: 'weka',
      uid: 'uid of a',
      resourceVersion: '7',
      labels: { app: 'exporter' },
      annotations: { 'example.com/note': 'kept' },
      managedFields: [
        {
          manager: 'weka-gitops',
          operation: 'Apply',
          fieldsV1: { 'f:spec': { 'f:paused': {} }, 'f:metadata': {} },
        },
        {
          manager: 'kubectl',
          operation: 'Update',
          subresource: 'scale',
          fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        },
      ],
    });
  });

  it('keeps the annotation of kubectl where a manifest of ours sets it', () => {
    const { metadata } = new CompactObjects().object(deployment('a', { copyIsOurs: true }));
    expect(metadata.annotations).toHaveProperty([COPY]);
  });

  it('leads to the same plan, with the same managers named', () => {
    const live = deployment('a');
    const kept = new CompactObjects().object(live);
    const desired = {
      ...live,
      metadata: { name: 'a', namespace: 'weka' },
      spec: { replicas: 3, paused: true },
    };
    const differences = compare(desired, live);
    expect(differences.map(({ manager }) => manager)).toContain('kubectl');
    expect(compare(desired, kept)).toEqual(differences);
    const path = [{ field: 'spec' }, { field: 'replicas' }];
    expect(otherManagers(kept, path)).toEqual(otherManagers(live, path));
  });

  it('shares with others what is the same in both', () => {
    const compact = new CompactObjects();
    const [one, two] = [compact.object(deployment('a')), compact.object(deployment('bb'))];
    expect(two.metadata.managedFields).toBe(one.metadata.managedFields);
    expect(two.metadata.annotations).toBe(one.metadata.annotations);
    expect(two.metadata.labels).toBe(one.metadata.labels);
  });
});
