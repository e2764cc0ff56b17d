import { describe, expect, it } from 'vitest';
import { nearest } from '../../../../reconciler/core/spec/nearest.ts';

describe('nearest', () => {
  it.each([
    ['replcias', ['paused', 'replicas', 'selector'], 'replicas'],
    ['Deplyoment', ['DaemonSet', 'Deployment'], 'Deployment'],
    ['configmap', ['ConfigMap', 'Secret'], 'ConfigMap'],
    ['prot', ['port', 'mode'], 'port'],
    ['tolerations', ['toleration', 'tolerations'], 'tolerations'],
  ])('takes %s for a slip of one of %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it.each([
    ['foo', ['bar', 'selector']],
    ['x', []],
    ['', ['port']],
    ['a'.repeat(10_000), ['a'.repeat(9999)]],
  ])('names nothing for a word that is near to nothing', (word, candidates) => {
    expect(nearest(word, candidates)).toBeUndefined();
  });
});
