import { describe, expect, it } from 'vitest';
import { anchor, anchoredPod } from '../../../../reconciler/core/desired/anchor.ts';
import { anObject } from '../../../support/objects.ts';

const container = (spec?: object) =>
  anObject('weka.weka.io/v1alpha1/WekaContainer', 'dist', spec && { spec: { ...spec } });

describe('anchor', () => {
  it('stands for a manifest, in its namespace', () => {
    expect(anchor(container({ mode: 'dist' }))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'weka-wekacontainer-dist',
        namespace: 'weka',
        labels: { 'weka-gitops.dev/anchor': 'WekaContainer' },
      },
      data: {
        kind: 'WekaContainer',
        name: 'dist',
        generation: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      },
    });
  });

  it('tells nothing of what is encrypted in the manifest: a hash of a weak value could be guessed', () => {
    const sealed = { paths: [['spec', 'port']], texts: [] };
    const generation = (port: number, image: string) => anchor(container({ port, image }), sealed)['data'];
    expect(generation(1, 'a')).toEqual(generation(2, 'a'));
    expect(generation(1, 'a')).not.toEqual(generation(1, 'b'));
  });

  it('names the pod whose identity it is', () => {
    const made = anchor(container());
    expect(anchoredPod(made)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'dist', namespace: 'weka' },
    });
    const { labels: _none, ...unlabelled } = made.metadata;
    expect(anchoredPod({ ...made, metadata: unlabelled })).toBeUndefined();
    expect(anchoredPod({ ...made, data: { name: 'other' } })).toBeUndefined();
    expect(anchoredPod({ ...made, data: undefined })).toBeUndefined();
    expect(anchoredPod({ ...made, kind: 'Secret' })).toBeUndefined();
  });

  it('tells by its generation whether the spec changed, and not in which order it is written', () => {
    const generation = (spec?: object) =>
      (anchor(container(spec))['data'] as { generation: string }).generation;
    expect(generation({ a: 1, b: 2 })).toBe(generation({ b: 2, a: 1 }));
    expect(generation({ a: 1 })).not.toBe(generation({ a: 2 }));
    expect(generation()).toBe(generation({}));
  });
});
