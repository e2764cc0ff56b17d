import { describe, expect, it } from 'vitest';
import { intentObjects } from '../../../../reconciler/core/desired/intent-objects.ts';
import { replaceConsent } from '../../../../reconciler/core/drivers/consents.ts';
import type { IntentWanted } from '../../../../reconciler/core/drivers/decision.ts';
import { type KubeObject, objectId, type ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { byId } from '../../../../reconciler/core/plan/plan.ts';
import { anObject, applied, APPLY_SET } from '../../../support/objects.ts';

const owner = 'weka.weka.io/v1alpha1/WekaCluster/weka/demo' as ObjectId;

function configMap(replace: string): KubeObject {
  const drivers = {
    package: {
      version: '4.4.6',
      kernel: '6.8.0',
      architecture: 'x86_64',
      file: '4.4.6-0123456789abcdef.tar.gz',
      sha256: 'a'.repeat(64),
      bytes: 1,
      layout: 'modules',
    },
    from: [{ url: 'https://10.0.0.1:60002' }],
    owner: 'WekaCluster weka/demo',
    replace,
  };
  return anObject('v1/ConfigMap', 'weka-node-intent-node-a', {
    metadata: { namespace: 'weka-gitops-nodes' },
    data: { 'intent.json': JSON.stringify({ schemaVersion: 1, generation: 2, drivers }) },
  });
}

const asked = (more: Partial<IntentWanted> = {}): IntentWanted => ({
  node: 'node-a',
  object: configMap('never'),
  source: 'cluster.yaml:1',
  ownerId: owner,
  does: ['load drivers of 4.4.6'],
  replaces: false,
  to: '4.4.6',
  ...more,
});

const objects = (intents: readonly IntentWanted[], live: readonly KubeObject[] = []) =>
  intentObjects(intents, { applySet: APPLY_SET, live: byId(live) });

describe('what is asked of nodes, as objects', () => {
  it('is a member of the ApplySet, with what it makes the node do', () => {
    const [desired] = objects([asked()]);
    expect(desired).toMatchObject({
      id: objectId(configMap('never')),
      source: 'cluster.yaml:1',
      node: { name: 'node-a', does: ['load drivers of 4.4.6'] },
      object: { metadata: { labels: { 'applyset.kubernetes.io/part-of': APPLY_SET } } },
    });
    expect(desired).not.toHaveProperty('consent');
  });

  it('is what lets loaded modules go where these have to, and needs a consent that names the manifest', () => {
    const consent = replaceConsent(owner, {
      from: '4.4.5',
      fromSha256: 'a'.repeat(64),
      to: '4.4.6',
      sha256: 'b'.repeat(64),
      how: 'drain',
    });
    const [desired] = objects([asked({ replaces: true, allowed: configMap('drain'), consent })]);
    expect(desired?.object['data']).toEqual(configMap('drain')['data']);
    expect(desired?.consent).toEqual({
      action: 'replace-drivers',
      target: { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaCluster', namespace: 'weka', name: 'demo' },
      content: {
        from: '4.4.5',
        fromSha256: 'a'.repeat(64),
        to: '4.4.6',
        sha256: 'b'.repeat(64),
        how: 'drain',
      },
      words: `4.4.6 (sha256:${'b'.repeat(64)}) in place of 4.4.5 (sha256:${'a'.repeat(64)})`,
    });
    const loadedByHand = replaceConsent(owner, {
      from: undefined,
      to: '4.4.6',
      sha256: 'b'.repeat(64),
      how: 'unused',
    });
    expect(loadedByHand).toMatchObject({
      content: { to: '4.4.6', sha256: 'b'.repeat(64), how: 'unused' },
      words: `4.4.6 (sha256:${'b'.repeat(64)}) in place of others`,
    });
  });

  it('is left alone where no manifest asks any more', () => {
    const { source: _, ...kept } = asked();
    expect(objects([kept])).toEqual([]);
  });

  it('is made once for as long as neither it nor the live one moves', () => {
    const live = applied(configMap('never'));
    const [one] = objects([asked()], [live]);
    expect(objects([asked()], [live])[0]).toBe(one);
    expect(objects([asked({ does: [] })], [live])[0]).not.toBe(one);
    expect(objects([asked()], [applied(configMap('never'))])[0]).not.toBe(one);
  });
});
