import { describe, expect, it } from 'vitest';
import { proofScope } from '../../../../reconciler/core/explain/proof-scope.ts';
import type { Situation } from '../../../../reconciler/core/explain/situation.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { configMap, deployment, wekaContainer } from '../../../support/manifests.ts';
import { aSituation, carriedOut } from './situations.ts';

function scope(id: string, situation: Situation): readonly string[] {
  return proofScope(id as ObjectId, situation).map((change) => `${change.op} ${change.id}`);
}

describe('what is proved to explain an object', () => {
  it('is its own change, with what it needs and nothing else', () => {
    const situation = aSituation({
      'all.yaml': [
        '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"weka"}}',
        configMap('weka', 'used'),
        configMap('weka', 'other'),
        deployment('weka', 'app', { configMap: 'used' }),
        deployment('weka', 'alone'),
      ].join('\n---\n'),
    });
    expect(scope('v1/ConfigMap/weka/other', situation)).toEqual([
      'create v1/Namespace/weka',
      'create v1/ConfigMap/weka/other',
    ]);
    expect(scope('apps/v1/Deployment/weka/app', situation)).toEqual([
      'create v1/Namespace/weka',
      'create v1/ConfigMap/weka/used',
      'create apps/v1/Deployment/weka/app',
    ]);
    expect(scope('v1/ConfigMap/weka/nowhere', situation)).toEqual([]);
  });

  it('is what a container is built into', () => {
    const situation = aSituation({
      'dist.yaml': wekaContainer('weka', 'dist'),
      'other.yaml': wekaContainer('weka', 'other'),
    });
    expect(scope('weka.weka.io/v1alpha1/WekaContainer/weka/dist', situation)).toEqual([
      'create v1/ConfigMap/weka/dist-in-use',
      'create v1/ConfigMap/weka/weka-wekacontainer-dist',
      'create v1/Secret/weka/dist-tls',
      'create v1/Secret/weka/dist-upload',
      'create v1/Pod/weka/dist',
    ]);
  });

  it('is what still refers to it before it is deleted', () => {
    const before = aSituation({
      'all.yaml': [
        configMap('weka', 'used'),
        configMap('weka', 'kept'),
        deployment('weka', 'app', { configMap: 'used' }),
      ].join('\n---\n'),
    });
    const after = aSituation(
      {
        'all.yaml': [
          configMap('weka', 'kept'),
          configMap('weka', 'new', { k: 'another' }),
          deployment('weka', 'app'),
        ].join('\n---\n'),
      },
      { live: carriedOut(before) },
    );
    expect(scope('v1/ConfigMap/weka/used', after)).toEqual([
      'update apps/v1/Deployment/weka/app',
      'prune v1/ConfigMap/weka/used',
    ]);
  });

  it('is what comes in its place where it is renamed', () => {
    const before = aSituation({ 'a.yaml': configMap('weka', 'old', { k: 'v' }) });
    const renamed = configMap('weka', 'new', { k: 'v' });
    const after = aSituation({ 'a.yaml': renamed }, { live: carriedOut(before) });
    expect(scope('v1/ConfigMap/weka/old', after)).toEqual([
      'create v1/ConfigMap/weka/new',
      'prune v1/ConfigMap/weka/old',
    ]);
  });
});
