import { describe, expect, it } from 'vitest';
import { withOwnership } from '../../../../reconciler/core/desired/ownership.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { additions } from '../../../../reconciler/core/plan/additions.ts';
import { isDefault } from '../../../../reconciler/core/plan/defaults.ts';
import { formatPath } from '../../../../reconciler/core/plan/field-path.ts';
import { aConfigMap, aDeployment, APPLY_SET, applied, aPod, edited } from '../../../support/objects.ts';

/** What is added in words; defaults in brackets. */
function told(desired: KubeObject, stored: KubeObject, before?: KubeObject): readonly string[] {
  return additions(desired, stored, before).map((addition) => {
    const { path, from, to } = addition;
    const words = `${formatPath(path)} ${JSON.stringify(from) ?? '-'} -> ${JSON.stringify(to) ?? '-'}`;
    return isDefault(addition, desired) ? `(${words})` : words;
  });
}

describe('what the API server adds', () => {
  it('is nothing where it stores what it is given, with what every object has', () => {
    const map = aConfigMap('a', { x: '1' });
    const stored = applied(map, {
      metadata: { generation: 1, creationTimestamp: '2026-11-25T18:00:00Z' },
      status: { a: 1 },
    });
    expect(told(map, { ...stored, metadata: { ...stored.metadata, labels: {}, annotations: {} } })).toEqual([
      '(metadata.labels - -> {})',
      '(metadata.annotations - -> {})',
    ]);
  });

  it('is told by field, defaults of Kubernetes apart', () => {
    const pod = aPod('a', { container: { resources: { limits: { cpu: '1', memory: '1Gi' } } } });
    const stored = {
      ...pod,
      metadata: { ...pod.metadata, labels: { team: 'storage' } },
      spec: {
        ...(pod['spec'] as object),
        dnsPolicy: 'ClusterFirst',
        priority: 1000,
        containers: [
          {
            name: 'main',
            image: 'mirror/busybox:1',
            imagePullPolicy: 'IfNotPresent',
            resources: {
              limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
              requests: { cpu: '1', memory: '512Mi' },
            },
          },
          { name: 'proxy', image: 'proxy:1' },
        ],
      },
    };
    expect(told(pod, stored)).toEqual([
      'metadata.labels.team - -> "storage"',
      'spec.containers[name=main].image "busybox:1" -> "mirror/busybox:1"',
      'spec.containers[name=main].resources.limits.ephemeral-storage - -> "1Gi"',
      '(spec.containers[name=main].resources.requests.cpu - -> "1")',
      'spec.containers[name=main].resources.requests.memory - -> "512Mi"',
      '(spec.containers[name=main].imagePullPolicy - -> "IfNotPresent")',
      'spec.containers[name=proxy] - -> {"name":"proxy","image":"proxy:1"}',
      '(spec.dnsPolicy - -> "ClusterFirst")',
      'spec.priority - -> 1000',
    ]);
  });

  it('tells what is taken out, and items that come to a list without keys', () => {
    const pod = aPod('a', { tolerations: [{ key: 'a', operator: 'Exists' }], hostPID: true });
    const { hostPID: _gone, ...spec } = pod['spec'] as Record<string, unknown>;
    const stored = {
      ...pod,
      spec: { ...spec, tolerations: [{ key: 'a', operator: 'Exists' }, { key: 'b' }] },
    };
    expect(told(pod, stored)).toEqual(['spec.tolerations[1] - -> {"key":"b"}', 'spec.hostPID true -> -']);
  });

  it('leaves out what the object has already, and what others set', () => {
    const web = aDeployment('web');
    const live = edited('hpa', applied(web, { spec: { progressDeadlineSeconds: 77 } }), {
      spec: { paused: true },
    });
    const wanted = withOwnership(web, APPLY_SET);
    expect(told(wanted, live, applied(web, { spec: { progressDeadlineSeconds: 77 } }))).toEqual([]);
    expect(told(wanted, live)).toEqual(['spec.progressDeadlineSeconds - -> 77']);
  });
});
