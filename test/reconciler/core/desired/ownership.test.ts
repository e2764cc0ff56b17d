import { describe, expect, it } from 'vitest';
import { applySetId, PART_OF, withOwnership } from '../../../../reconciler/core/desired/ownership.ts';
import { APPLIED_FIELDS } from '../../../../reconciler/core/plan/applied-fields.ts';
import { aConfigMap, anObject } from '../../../support/objects.ts';

describe('applySetId', () => {
  it('is that of KEP-3659', () => {
    // printf 'weka-gitops.weka-gitops-system.ConfigMap.' | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
    expect(applySetId({ name: 'weka-gitops', namespace: 'weka-gitops-system' })).toBe(
      'applyset-VHQMTe5dBj_Ia3guV4mQtS9Xy7rzB6j5yr7L8QygZeM-v1',
    );
  });

  it('tells parents apart, and fits a label', () => {
    const ids = [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'c'],
    ].map(([name, namespace]) => applySetId({ name: name!, namespace: namespace! }));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^applyset-[A-Za-z0-9_-]{43}-v1$/);
  });
});

describe('withOwnership', () => {
  it('adds the label and the record, and keeps what is there', () => {
    const object = anObject('v1/ConfigMap', 'a', {
      metadata: { labels: { x: '1' }, annotations: { y: '2' } },
      data: { z: '3' },
    });
    const owned = withOwnership(object, 'applyset-x-v1');
    expect(owned.metadata.labels).toEqual({ x: '1', [PART_OF]: 'applyset-x-v1' });
    expect(owned.metadata.annotations).toEqual({
      y: '2',
      [APPLIED_FIELDS]: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
    });
    expect(owned['data']).toEqual({ z: '3' });
  });

  it('gives the same for the same, so that nothing changed costs nothing', () => {
    expect(withOwnership(aConfigMap('a', { x: '1' }), 's')).toEqual(
      withOwnership(aConfigMap('a', { x: '1' }), 's'),
    );
  });
});
