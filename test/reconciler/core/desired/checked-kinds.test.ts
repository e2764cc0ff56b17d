import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { readFiles } from '../spec/read.ts';

const folder = new URL('../../../schemas/examples/', import.meta.url);
const texts = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);
const context = { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' };

it('makes no object of a kind that is only checked, and never sends it as it is', () => {
  const { objects, findings } = buildDesired(readFiles(texts), context);
  expect(objects.map(({ id }) => id)).toEqual([
    'v1/ConfigMap/weka-operator-system/weka-wekacontainer-weka-drivers-builder-157',
    'v1/Pod/weka-operator-system/weka-drivers-builder-157',
    // The one policy that distributes drivers.
    'v1/ConfigMap/weka/weka-wekapolicy-weka-drivers',
    'v1/Secret/weka/weka-drivers-dist-tls',
    'v1/Secret/weka/weka-drivers-dist-upload',
    'v1/ConfigMap/weka/weka-drivers-dist-in-use',
    'v1/Service/weka/weka-drivers-dist',
    'apps/v1/Deployment/weka/weka-drivers-dist',
  ]);
  expect(findings).toEqual([]);
});

it('holds nothing back for one that has an error', () => {
  const wrong = (texts['weka-cluster.yaml'] ?? '').replace('hotSpare: 1', 'hotSpare: one');
  const parsed = readFiles({ 'a.yaml': wrong });
  expect(parsed.broken.map(({ id }) => id)).toEqual(['weka.weka.io/v1alpha1/WekaCluster/weka/demo']);
  expect(buildDesired(parsed, context).broken.size).toBe(0);
});
