import { describe, expect, it } from 'vitest';
import { configMap, found } from '../read.ts';

describe('names of ConfigMaps that stand for manifests', () => {
  it.each(['weka-wekacluster-demo', 'weka-wekacontainer-dist', 'weka-wekapolicy-sign'])(
    '%s is reserved',
    (name) => {
      expect(found(configMap('', name))).toEqual([
        expect.stringContaining('error reserved: ConfigMaps named'),
      ]);
    },
  );

  it.each(['weka-settings-demo', 'weka-approval-demo', 'weka-wekacluster', 'weka-boot-scripts'])(
    '%s stands for none, and is free',
    (name) => {
      expect(found(configMap('', name))).toEqual([]);
    },
  );
});

describe('a namespace where the kind has none', () => {
  it('is told with the kind’s article', () => {
    const text =
      'apiVersion: weka-gitops.dev/v1\nkind: Approval\nmetadata: { name: a, namespace: weka }\nspec: {}\n';
    expect(found(text)).toContain(
      '3:22 error unexpected-namespace: An Approval belongs to the whole cluster and has no namespace.',
    );
  });
});
