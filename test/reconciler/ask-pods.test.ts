import { expect, it } from 'vitest';
import { askPods } from '../../reconciler/ask-pods.ts';
import { podFacts } from '../../reconciler/core/facts/pod-facts.ts';
import { ReconcilerError } from '../../reconciler/errors.ts';
import type { PlacementFacts } from '../../reconciler/core/placement/placement-facts.ts';
import { aConfigMap, aDeployment, applied } from '../support/objects.ts';
import { planned } from './core/plan/risk/risks-of.ts';

class ForbiddenError extends ReconcilerError {
  readonly code = 'API_FORBIDDEN';
  readonly retry = 'after-change';
}

const web = (image: string) => aDeployment('web', { container: { image } });
const rollout = planned([web('b')], [applied(web('a'), { status: { observedGeneration: 1, replicas: 1 } })]);

/** A cluster that says this of its pods, and how often it was asked. */
function saying(answer: () => PlacementFacts) {
  const cluster = {
    asked: 0,
    async placementFacts() {
      cluster.asked += 1;
      return answer();
    },
  };
  return cluster;
}

const one = podFacts({ metadata: { namespace: 'weka', name: 'web-x', labels: { app: 'web' } } });

it('asks once for the pods that a plan stops', async () => {
  const cluster = saying(() => ({ nodes: [], pods: [one], namespaces: new Map() }));
  const changes = await askPods(rollout, cluster);
  expect(changes[0]?.risks?.[0]?.evidence).toMatch(/^1 pod of Deployment weka\/web, .*: web-x$/);
  expect(cluster.asked).toBe(1);
});

it('asks nothing where a plan stops none', async () => {
  const cluster = saying(() => {
    throw new Error('Nobody asks.');
  });
  const changes = planned([aConfigMap('a', { k: '2' })], [applied(aConfigMap('a', { k: '1' }))]);
  expect(await askPods(changes, cluster)).toBe(changes);
});

it('leaves the numbers where pods may not be listed', async () => {
  const cluster = saying(() => {
    throw new ForbiddenError('Pods may not be listed.');
  });
  expect(await askPods(rollout, cluster)).toBe(rollout);
});
