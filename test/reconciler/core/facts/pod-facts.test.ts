import { describe, expect, it } from 'vitest';
import { ALLOCATION, podFacts, podRequests } from '../../../../reconciler/core/facts/pod-facts.ts';
import { resourceWords } from '../../../../reconciler/core/facts/resources.ts';

type Texts = Readonly<Record<string, string>>;

function one(requests: Texts, more: object = {}): object {
  return { name: 'a', resources: { requests }, ...more };
}

describe('what the scheduler sets aside for a pod', () => {
  const sidecar = { restartPolicy: 'Always' };
  it.each<[string, object, string]>([
    ['nothing where nothing is asked for', { containers: [{ name: 'a' }] }, ''],
    [
      'the sum of its containers',
      { containers: [one({ cpu: '500m', memory: '1Gi' }), one({ cpu: '1', 'weka.io/drives': '2' })] },
      '1.5 cores, 1,024 MiB of memory and 2 drives',
    ],
    [
      'the largest init container where that is more',
      {
        containers: [one({ cpu: '1' })],
        initContainers: [one({ cpu: '3' }), one({ cpu: '2', memory: '1Mi' })],
      },
      '3 cores and 1 MiB of memory',
    ],
    [
      'sidecars beside its containers',
      { containers: [one({ cpu: '1' })], initContainers: [one({ cpu: '1' }, sidecar)] },
      '2 cores',
    ],
    [
      'an init container beside the sidecars that began before it, and not beside later ones',
      {
        containers: [one({ cpu: '1' })],
        initContainers: [one({ cpu: '2' }, sidecar), one({ cpu: '5' }), one({ cpu: '1' }, sidecar)],
      },
      '7 cores',
    ],
    [
      'what the pod itself asks for, in place of the sum',
      { containers: [one({ cpu: '1', memory: '1Mi' })], resources: { requests: { cpu: '4' } } },
      '4 cores and 1 MiB of memory',
    ],
    [
      'only what a pod may ask for as a whole',
      { containers: [one({ 'weka.io/drives': '1' })], resources: { requests: { 'weka.io/drives': '9' } } },
      '1 drive',
    ],
    [
      'its overhead on top',
      { containers: [one({ cpu: '1' })], resources: { requests: { cpu: '2' } }, overhead: { cpu: '250m' } },
      '2.25 cores',
    ],
    [
      'huge pages of both sizes',
      { containers: [one({ 'hugepages-2Mi': '3000Mi', 'hugepages-1Gi': '1Gi' })] },
      '3,000 MiB of huge pages and 1,024 MiB of 1 GiB huge pages',
    ],
  ])('is %s', (_, spec, words) => {
    expect(resourceWords(podRequests(spec as Readonly<Record<string, unknown>>))).toBe(words);
  });

  it('is the larger of what a container has and shall have while it is resized', () => {
    const status = {
      containerStatuses: [
        { name: 'a', resources: { requests: { cpu: '3' } }, allocatedResources: { cpu: '2' } },
      ],
    };
    expect(podRequests({ containers: [one({ cpu: '1' })] }, status).cpuMillis).toBe(3000);
  });

  it('survives what is no pod', () => {
    expect(resourceWords(podRequests({ containers: 'none', initContainers: [3], overhead: [] }))).toBe('');
  });
});

describe('a pod', () => {
  const pod = (phase: string) =>
    podFacts({
      metadata: { namespace: 'weka', name: 'drive-0', labels: { 'weka.io/mode': 'drive' } },
      spec: {
        nodeName: 'node-a',
        containers: [
          one(
            { cpu: '3' },
            { env: [{ name: 'CORES', value: '2' }], ports: [{ containerPort: 1, hostPort: 35000 }] },
          ),
        ],
        initContainers: [one({}, { ports: [{ containerPort: 2, hostPort: 35001 }] })],
      },
      status: { phase },
    });

  it('is on its node with its ports and cores', () => {
    expect(pod('Running')).toMatchObject({
      namespace: 'weka',
      name: 'drive-0',
      node: 'node-a',
      ended: false,
      hostPorts: [35000],
      cores: 2,
    });
  });

  it('keeps of its annotations what its container was given, its affinity, and that it is being deleted', () => {
    const affinity = { podAntiAffinity: {} };
    const metadata = { namespace: 'weka', name: 'drive-0' };
    const annotations = { [ALLOCATION]: '{"node":"node-a"}', 'example.com/large': 'x'.repeat(1000) };
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(
      podFacts({ metadata: { ...metadata, annotations, deletionTimestamp }, spec: { affinity } }),
    ).toMatchObject({ annotations: { [ALLOCATION]: '{"node":"node-a"}' }, affinity, terminating: true });
    const plain = podFacts({ metadata: { ...metadata, annotations: {} }, spec: {} });
    for (const field of ['annotations', 'affinity', 'terminating']) expect(plain).not.toHaveProperty(field);
  });

  it.each(['Succeeded', 'Failed'])('takes nothing of its node once it has %s', (phase) => {
    const { ended, requests, hostPorts } = pod(phase);
    expect({ ended, words: resourceWords(requests), hostPorts }).toEqual({
      ended: true,
      words: '',
      hostPorts: [],
    });
  });
});
