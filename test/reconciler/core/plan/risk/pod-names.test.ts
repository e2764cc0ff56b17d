import { describe, expect, it } from 'vitest';
import { podFacts, type PodFacts } from '../../../../../reconciler/core/facts/pod-facts.ts';
import type { KubeObject } from '../../../../../reconciler/core/kube/object.ts';
import { stopsPods, withPodNames } from '../../../../../reconciler/core/plan/risk/pod-names.ts';
import { aDeployment, anObject, applied, aPod, podSpec } from '../../../../support/objects.ts';
import { planned } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const web = (image: string) => aDeployment('web', { replicas: 3, container: { image } });
const liveWeb = (replicas: number) => applied(web('a'), { status: { observedGeneration: 1, replicas } });

function pod(name: string, labels: Json = { app: 'web' }, rest: Json = {}): PodFacts {
  return podFacts({ ...rest, metadata: { namespace: 'weka', name, labels, ...(rest['metadata'] as Json) } });
}

/** The evidence of each restart in that plan, by the pods that there are. */
function evidence(desired: KubeObject, live: KubeObject, pods: readonly PodFacts[]): readonly unknown[] {
  const changes = planned([desired], [live]);
  expect(stopsPods(changes)).toBe(true);
  const named = withPodNames(changes, pods);
  return named.flatMap(({ risks = [] }) => risks.map((risk) => risk.evidence));
}

const PACE = 'RollingUpdate, none down before its successor is ready';

describe('pods that a change stops', () => {
  it('are called by their names', () => {
    const others = [
      pod('else', { app: 'other' }),
      podFacts({ metadata: { namespace: 'elsewhere', name: 'web-x', labels: { app: 'web' } } }),
      pod('web-done', undefined, { status: { phase: 'Succeeded' } }),
      pod('web-going', undefined, { metadata: { deletionTimestamp: '2026-11-26T12:00:00Z' } }),
    ];
    expect(evidence(web('b'), liveWeb(2), [pod('web-b'), pod('web-a'), ...others])).toEqual([
      `2 pods of Deployment weka/web, ${PACE}: web-a, web-b`,
    ]);
  });

  it('are ten at most, and a number', () => {
    const pods = Array.from({ length: 13 }, (_, n) => pod(`web-${n}`));
    expect(evidence(web('b'), liveWeb(13), pods)).toEqual([
      `13 pods of Deployment weka/web, ${PACE}: web-0, web-1, web-2, web-3, web-4, web-5, web-6, web-7, web-8, web-9, and 3 more`,
    ]);
  });

  it('are only counted where none is known', () => {
    expect(evidence(web('b'), liveWeb(2), [])).toEqual([`2 pods of Deployment weka/web, ${PACE}`]);
  });

  it('are some of these where there are more than it stops', () => {
    expect(evidence(web('b'), liveWeb(1), [pod('web-a'), pod('web-b')])).toEqual([
      `1 pod of Deployment weka/web, ${PACE}: of these: web-a, web-b`,
    ]);
  });

  it('are those of a StatefulSet from its partition on', () => {
    const set = (image: string) =>
      anObject('apps/v1/StatefulSet', 'db', {
        spec: {
          replicas: 3,
          ordinals: { start: 10 },
          updateStrategy: { rollingUpdate: { partition: 1 } },
          selector: { matchLabels: { app: 'db' } },
          template: { metadata: { labels: { app: 'db' } }, spec: podSpec({ container: { image } }) },
        },
      });
    const live = applied(set('a'), { status: { observedGeneration: 1, replicas: 3 } });
    const pods = [10, 11, 12].map((n) => pod(`db-${n}`, { app: 'db' }));
    expect(evidence(set('b'), live, pods)).toEqual([
      '2 pods of StatefulSet weka/db, RollingUpdate, at most 1 down at once: db-11, db-12',
    ]);
  });

  it('are those of a StatefulSet that an earlier change did not reach', () => {
    const set = (partition: number) =>
      anObject('apps/v1/StatefulSet', 'db', {
        spec: {
          replicas: 3,
          updateStrategy: { rollingUpdate: { partition } },
          selector: { matchLabels: { app: 'db' } },
          template: { metadata: { labels: { app: 'db' } }, spec: podSpec() },
        },
      });
    const status = { replicas: 3, updatedReplicas: 1, currentRevision: 'one', updateRevision: 'two' };
    const live = applied(set(2), { status: { observedGeneration: 1, ...status } });
    const pods = ['one', 'one', 'two'].map((hash, n) =>
      pod(`db-${n}`, { app: 'db', 'controller-revision-hash': hash }),
    );
    expect(evidence(set(1), live, pods)).toEqual([
      '1 pod of StatefulSet weka/db, RollingUpdate, at most 1 down at once: db-1',
    ]);
  });

  it('are those of a StatefulSet with the highest numbers where it asks for fewer, and all where it goes', () => {
    const set = (replicas: number) =>
      anObject('apps/v1/StatefulSet', 'db', {
        spec: {
          replicas,
          selector: { matchLabels: { app: 'db' } },
          template: { metadata: { labels: { app: 'db' } }, spec: podSpec() },
        },
      });
    const live = applied(set(3), { status: { observedGeneration: 1, replicas: 3 } });
    const pods = [0, 1, 2].map((n) => pod(`db-${n}`, { app: 'db' }));
    expect(evidence(set(1), live, pods)).toEqual(['2 of 3 pods of StatefulSet weka/db: db-1, db-2']);
    expect(evidence(set(0), live, pods)).toEqual(['all 3 pods of StatefulSet weka/db: db-0, db-1, db-2']);
  });

  it('are no question where a change names its pod itself, or stops none', () => {
    const live = applied(aPod('one', { container: { image: 'a' } }));
    expect(stopsPods(planned([aPod('one', { container: { image: 'b' } })], [live]))).toBe(false);
    expect(stopsPods(planned([web('b')]))).toBe(false);
  });
});
