import { describe, expect, it } from 'vitest';
import { type FieldPath, formatPath, lastField } from '../../../../reconciler/core/plan/field-path.ts';

describe('formatPath', () => {
  it.each<[string, FieldPath]>([
    ['spec.replicas', [{ field: 'spec' }, { field: 'replicas' }]],
    [
      'metadata.labels["weka.io/mode"]',
      [{ field: 'metadata' }, { field: 'labels' }, { field: 'weka.io/mode' }],
    ],
    ['data["a\\"b.yaml"]', [{ field: 'data' }, { field: 'a"b.yaml' }]],
    [
      'spec.containers[name=weka].image',
      [{ field: 'spec' }, { field: 'containers' }, { keys: { name: 'weka' } }, { field: 'image' }],
    ],
    ['ports[port=53,protocol=UDP]', [{ field: 'ports' }, { keys: { port: 53, protocol: 'UDP' } }]],
    ['finalizers["a.io/b"]', [{ field: 'finalizers' }, { value: 'a.io/b' }]],
    ['args[2]', [{ field: 'args' }, { index: 2 }]],
    ['', []],
  ])('writes %s', (text, path) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe('lastField', () => {
  it('is empty where a path ends in an element', () => {
    expect(lastField([{ field: 'a' }, { field: 'b' }])).toBe('b');
    expect(lastField([{ field: 'a' }, { index: 0 }])).toBe('');
    expect(lastField([])).toBe('');
  });
});
