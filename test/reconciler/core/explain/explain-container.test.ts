import { describe, expect, it } from 'vitest';
import { explainContainer } from '../../../../reconciler/core/explain/explain-container.ts';
import { type Explained, explainObject } from '../../../../reconciler/core/explain/explain-object.ts';
import { changeOf, type Situation } from '../../../../reconciler/core/explain/situation.ts';
import type { Facts } from '../../../../reconciler/core/facts/facts.ts';
import type { NodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import type { PodFacts } from '../../../../reconciler/core/facts/pod-facts.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { leaves } from '../../../../reconciler/core/plan/leaves.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { aNode, nodes } from '../placement/build-placement.ts';
import { aSituation, carriedOut, podsIn } from './situations.ts';

const POD = 'v1/Pod/weka/dist' as ObjectId;

function files(spec: object = {}): Readonly<Record<string, string>> {
  return { 'dist.yaml': wekaContainer('weka', 'dist', spec) };
}

function factsOf(all: readonly NodeFacts[], pods: readonly PodFacts[] = []): Facts {
  return { nodes: all, pods, configMaps: [], reports: new Map(), secrets: undefined };
}

function container(situation: Situation, facts: Facts | string): Explained {
  const [spec] = situation.specs.specs;
  if (spec?.kind !== 'WekaContainer') throw new Error('The manifest asks for no container.');
  const explained = explainContainer(spec, situation, { facts });
  if ('message' in explained) throw new Error(explained.message);
  return explained;
}

/** One field of the pod. */
function field(situation: Situation, path: string) {
  const explained = explainObject(POD, situation, { field: path });
  if ('message' in explained) throw new Error(explained.message);
  return explained.fields[0]!;
}

describe('where a container stands', () => {
  it('is the node of the plan, whatever else decided it', () => {
    const all = nodes(2);
    const onSecond = [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-b'] }] },
    ];
    const situation = aSituation(files({ pvc: { name: 'packages', path: '/' } }), {
      nodes: all,
      volumes: new Map([[POD, onSecond]]),
    });
    expect(changeOf(situation, POD)?.placement).toMatchObject({ how: 'new', allocation: { node: 'node-b' } });
    expect(container(situation, factsOf(all)).now).toContain(
      'It is given node-b: it was chosen among those that its manifest and its volume let it stand on.',
    );
  });

  it('is nowhere where the plan finds none, and what helps is told once', () => {
    const all = nodes(2).map((node) => ({
      ...node,
      labels: { ...node.labels, 'kubernetes.io/hostname': 'same' },
    }));
    const explained = container(aSituation(files(), { nodes: all }), factsOf(all));
    expect(explained.state).toBe('waits');
    expect(explained.now).toHaveLength(1);
    expect(explained.now[0]).toMatch(/^It waits\. dist finds no node: node-a .*hostname label same/);
    expect(explained.toChange.filter((way) => way.includes('add a node'))).toHaveLength(1);

    const pod = explainObject(POD, aSituation(files(), { nodes: all }), {});
    expect('message' in pod ? [] : pod.toChange[0]).toBe(explained.toChange[0]);
  });

  it('is told of one that has not come to its node yet, by what it was given', () => {
    const live = carriedOut(aSituation(files(), { nodes: [aNode('node-b')] }));
    const explained = container(aSituation(files(), { live }), factsOf(nodes(3), podsIn(live)));
    expect(explained.state).toBe('waits');
    expect(explained.now).toContain(
      'It was given node-b, and has not come there yet: its manifest lets it stand on any node, and this one was chosen.',
    );
  });

  it('is told with what its node lacks for it, and says so where that is not known', () => {
    const live = carriedOut(aSituation(files(), { nodes: [aNode('node-b')] }), 'node-b');
    const situation = aSituation(files(), { live });
    const tight = [aNode('node-b', { has: { cpu: '100m' } })];
    const stays = /^Its pod is on node-b: .* It stays there while the node is there\.$/;
    const { state, now } = container(situation, factsOf(tight, podsIn(live)));
    expect(state).toBe('in-sync');
    expect(now).toEqual(
      expect.arrayContaining([
        expect.stringMatching(stays),
        expect.stringMatching(/^dist stays on node-b, which lacks .*core/),
      ]),
    );
    expect(container(situation, factsOf(nodes(3), podsIn(live))).now.at(-1)).toMatch(stays);
    expect(container(situation, 'not allowed to list nodes').now.at(-1)).toBe(
      'Whether its node has all that it asks for cannot be told: not allowed to list nodes.',
    );
  });
});

describe('a pod that is as it should be', () => {
  const live = carriedOut(
    aSituation(files({ nodeSelector: { role: 'drivers' } }), {
      nodes: [aNode('node-b', { labels: { role: 'drivers' } })],
    }),
  );
  const situation = aSituation(files({ nodeSelector: { role: 'drivers' } }), { live });

  it('has no field that differs, and none that is asked for and told as if it were not', () => {
    expect(changeOf(situation, POD)).toMatchObject({ op: 'keep', fields: [] });
    const paths = leaves(live.get(POD)!).map(({ text }) => text);
    expect(paths.length).toBeGreaterThan(40);
    const told = paths.map((path) => [path, field(situation, path).state] as const);
    expect(told.filter(([, state]) => state === 'differs')).toEqual([]);
    const ours = told.filter(([path]) => path.startsWith('spec.') || path.includes('annotations'));
    expect(ours.filter(([, state]) => state !== 'same')).toEqual([]);
  });

  it('has the fields that pin it told as what we ask for, and its node', () => {
    for (const path of ['spec.affinity', 'metadata.annotations["weka-gitops.dev/allocation"]']) {
      expect(field(situation, path)).toMatchObject({
        state: 'same',
        why: 'weka-gitops pins it to its node, node-b',
      });
    }
  });
});
