import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findField,
  parseField,
  placeAt,
  unknownField,
  valueAt,
} from '../../../../reconciler/core/explain/field-target.ts';
import { formatPath } from '../../../../reconciler/core/plan/field-path.ts';
import { leaves } from '../../../../reconciler/core/plan/leaves.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';

const DEPLOYMENT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'a',
    namespace: 'n',
    labels: { app: 'a', 'app.kubernetes.io/name': 'x' },
    finalizers: ['f/a'],
  },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          { name: 'side', image: 's:1' },
          { name: 'app', image: 'a:1', args: ['-v', '--all'], ports: [{ containerPort: 80 }] },
        ],
      },
    },
  },
};

function looked(text: string): string {
  const written = parseField(text);
  if ('message' in written) return `${written.message} ${written.hint}`;
  const found = findField(DEPLOYMENT, written);
  if (found !== undefined) return `${formatPath(found.path)} = ${JSON.stringify(found.value)}`;
  const { message, hint } = unknownField('it', text, written, [DEPLOYMENT, undefined]);
  return `${message} ${hint}`;
}

describe('a field', () => {
  const app = 'spec.template.spec.containers[name=app]';
  it.each([
    ['spec.replicas', 'spec.replicas = 3'],
    ['.spec.replicas', 'spec.replicas = 3'],
    [`${app}.image`, `${app}.image = "a:1"`],
    ['spec.template.spec.containers[1].image', `${app}.image = "a:1"`],
    ['spec.template.spec.containers[app].image', `${app}.image = "a:1"`],
    [`${app}.ports[containerPort=80]`, `${app}.ports[containerPort=80,protocol=TCP] = {"containerPort":80}`],
    [`${app}.args[1]`, `${app}.args[1] = "--all"`],
    ['metadata.labels["app.kubernetes.io/name"]', 'metadata.labels["app.kubernetes.io/name"] = "x"'],
    ["metadata.labels['app.kubernetes.io/name']", 'metadata.labels["app.kubernetes.io/name"] = "x"'],
    ['metadata.labels[app]', 'metadata.labels.app = "a"'],
    ['metadata.finalizers["f/a"]', 'metadata.finalizers["f/a"] = "f/a"'],
  ])('%s is %s', (text, expected) => {
    expect(looked(text)).toBe(expected);
  });

  it('that is nowhere names the nearest, or what there is', () => {
    expect(looked('spec.replcas')).toBe(
      'it has no field spec.replcas, neither in the repository nor in the cluster. Did you mean spec.replicas?',
    );
    expect(looked('spec.strategy')).toContain('There are replicas, template below spec.');
    expect(looked('spec.replicas.count')).toContain('Nothing stands below spec.replicas.');
    expect(looked('spec..x')).toMatch(/^"spec\.\.x" is no path of a field\./);
  });

  it('is found by the path that plans print for it', () => {
    const known = leaves(DEPLOYMENT);
    expect(known.length).toBeGreaterThan(6);
    for (const { path, text, value } of known) {
      const written = parseField(text);
      if ('message' in written) throw new Error(written.message);
      expect(findField(DEPLOYMENT, written)).toEqual({ path, value });
      expect(valueAt(DEPLOYMENT, path)).toEqual(value);
      expect(placeAt(DEPLOYMENT, path)).toHaveLength(path.length);
    }
  });

  it('of any text is read without a throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '.', '[', ']', '"', "'", '=', '0', ',', '\\') }),
        (text) => {
          const written = parseField(text);
          if (!('message' in written)) findField(DEPLOYMENT, written);
        },
      ),
    );
  });
});
