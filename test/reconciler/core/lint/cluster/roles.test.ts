import { describe, expect, it } from 'vitest';
import { nodeLabelsOf } from '../../../../../reconciler/core/lint/cluster/roles.ts';

describe('labels of the nodes for a role', () => {
  it('are its own in place of the general ones, and never both', () => {
    const cluster = { nodeSelector: { a: '1' }, roleNodeSelector: { s3: { b: '2' } } };
    expect(nodeLabelsOf(cluster, 's3')).toEqual({ b: '2' });
    expect(nodeLabelsOf(cluster, 'nfs')).toEqual({ a: '1' });
  });
});
