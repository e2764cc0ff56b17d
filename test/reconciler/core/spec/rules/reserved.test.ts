import { describe, expect, it } from 'vitest';
import { configMap, found, wekaContainer } from '../read.ts';

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

describe('what says that objects are issued, at work or consented to', () => {
  it.each(['certificate', 'certificate-names', 'driver-work', 'approval-digest'])(
    '%s is reserved as an annotation, also where it is written for a container',
    (name) => {
      const annotations = `  annotations: { weka-gitops.dev/${name}: server }\n`;
      const message = `error reserved: "weka-gitops.dev/${name}" is set by weka-gitops itself, and no manifest may set it.`;
      const secret = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: mine\n  namespace: weka\n${annotations}`;
      expect(found(secret)).toContainEqual(expect.stringContaining(message));
      const container = wekaContainer().replace(
        'metadata: { name: dist, namespace: weka }',
        `metadata:\n  name: dist\n  namespace: weka\n${annotations}`,
      );
      expect(found(container)).toContainEqual(expect.stringContaining(message));
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
