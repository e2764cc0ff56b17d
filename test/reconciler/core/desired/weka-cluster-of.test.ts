import { expect, it } from 'vitest';
import { anchor } from '../../../../reconciler/core/desired/anchor.ts';
import { wekaClusterOf } from '../../../../reconciler/core/desired/weka-cluster-of.ts';

const object = (metadata: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', ...metadata },
});

it.each([
  [
    'the label and the namespace',
    object({ namespace: 'weka', labels: { 'weka.io/cluster-name': 'demo' } }),
    'weka/demo',
  ],
  ['the label of a cluster-wide object', object({ labels: { 'weka.io/cluster-name': 'demo' } }), 'demo'],
  ['no label', object({ namespace: 'weka', labels: { app: 'weka' } }), undefined],
  ['an empty label', object({ namespace: 'weka', labels: { 'weka.io/cluster-name': '' } }), undefined],
  [
    'the anchor of a cluster',
    anchor({
      apiVersion: 'weka.weka.io/v1alpha1',
      kind: 'WekaCluster',
      metadata: { name: 'demo', namespace: 'weka' },
    }),
    'weka/demo',
  ],
  [
    'the anchor of something else',
    anchor({
      apiVersion: 'weka.weka.io/v1alpha1',
      kind: 'WekaClient',
      metadata: { name: 'demo', namespace: 'weka' },
    }),
    undefined,
  ],
])('%s tells the WEKA cluster of an object', (_what, given, expected) => {
  expect(wekaClusterOf(given)).toBe(expected);
});
