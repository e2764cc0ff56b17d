import { describe, expect, it } from 'vitest';
import { describeChange } from '../../../../reconciler/core/placement/words.ts';
import { aNode, aPod, cluster, placed, type World } from './build-placement.ts';

const one = { dynamicTemplate: { driveContainers: 1 } };
const required = (term: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });

/** What would help the last container that is refused. */
function helps(world: World): string {
  const change = placed(world).refusals.at(-1)?.change;
  return change === undefined ? 'all is placed' : describeChange(change);
}

/** Nodes without room, each in the zone of this name. */
function full(...zones: readonly string[]): readonly ReturnType<typeof aNode>[] {
  return zones.map((zone, index) =>
    aNode(`node-${index}`, { labels: { zone }, cordoned: true, has: { cpu: '1' } }),
  );
}

describe('a further node that would do', () => {
  it.each([
    ['has what the node selector asks for, even an empty value', { nodeSelector: { use: '' } }, 'use='],
    [
      'is what the node affinity asks for',
      nodeAffinity(
        { key: 'disks', operator: 'Gt', values: ['4'] },
        { key: 'kind', operator: 'In', values: ['a', 'b'] },
        { key: 'fast', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist' },
      ),
      'disks=5, kind=a and fast=true',
    ],
    [
      'is what another term of the affinity asks for where the first contradicts the selector',
      {
        ...nodeAffinity(
          { key: 'use', operator: 'NotIn', values: ['weka'] },
          { key: 'fast', operator: 'Exists' },
        ),
        nodeSelector: { use: 'weka' },
      },
      'use=weka and fast=true',
    ],
    ['is in the place that has the fewest', { failureDomain: { label: 'zone' } }, 'zone=east'],
  ])('%s', (_, spec, labels) => {
    expect(helps({ wants: cluster({ ...one, ...spec }), nodes: full('east') })).toBe(
      `Add a node with ${labels}`,
    );
  });

  it('is in a place of its own where no node has one, or where there must be more of them', () => {
    const wants = cluster({ ...one, failureDomain: { label: 'rack' } });
    expect(helps({ wants, nodes: full('east') })).toBe('Add a node with a rack of its own');
    const constraint = {
      topologyKey: 'zone',
      maxSkew: 1,
      minDomains: 3,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { 'weka.io/mode': 'drive' } },
    };
    const spread = { podConfig: { topologySpreadConstraints: [constraint] } };
    const on = ['east', 'west'].map((zone) => aNode(`node-${zone}`, { labels: { zone } }));
    expect(helps({ wants: cluster({ dynamicTemplate: { driveContainers: 3 }, ...spread }), nodes: on })).toBe(
      'Add a node with a zone of its own',
    );
  });

  it('is where the pods are beside which it must stand, and not where those are that it must avoid', () => {
    const near = (app: string) => ({
      labelSelector: { matchLabels: { app } },
      topologyKey: 'zone',
      namespaces: ['other'],
    });
    const pods = [
      aPod('a', 'node-0', { labels: { app: 'friend' } }),
      aPod('b', 'node-1', { labels: { app: 'friend' } }),
      aPod('c', 'node-0', { labels: { app: 'foe' } }),
    ];
    const affinity = { podAffinity: required(near('friend')), podAntiAffinity: required(near('foe')) };
    const wants = cluster({ ...one, podConfig: { affinity } });
    expect(helps({ wants, nodes: full('east', 'west'), pods })).toBe('Add a node with zone=west');
  });

  it('does not exist where it would have to be the host of a pod that runs already, or of none', () => {
    const term = { labelSelector: { matchLabels: { app: 'friend' } }, namespaces: ['other'] };
    const pods = [aPod('a', 'node-0', { labels: { app: 'friend' } })];
    const on = full('east');
    for (const topologyKey of ['kubernetes.io/hostname', 'rack']) {
      const wants = cluster({
        ...one,
        podConfig: { affinity: { podAffinity: required({ ...term, topologyKey }) } },
      });
      expect(helps({ wants, nodes: on, pods })).toBe('');
    }
  });
});

describe('a change of one node is not told', () => {
  it('where a label of it would bring its pods to another place', () => {
    const foe = {
      labelSelector: { matchLabels: { app: 'foe' } },
      topologyKey: 'zone',
      namespaces: ['other'],
    };
    const affinity = { podAntiAffinity: required(foe) };
    const wants = cluster({ ...one, nodeSelector: { zone: 'east' }, podConfig: { affinity } });
    const on = [aNode('node-a')];
    const pods = [aPod('a', 'node-a', { labels: { app: 'foe' } })];
    expect(helps({ wants, nodes: on, pods })).toBe('Add a node with zone=east');
  });

  it('where the node would then be counted as a place that has too many', () => {
    const constraint = {
      topologyKey: 'zone',
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'weka' } },
    };
    const spec = {
      ...one,
      nodeSelector: { use: 'weka' },
      podConfig: { topologySpreadConstraints: [constraint] },
    };
    const on = [
      aNode('node-a', { labels: { zone: 'west' } }),
      aNode('node-b', { labels: { zone: 'east', use: 'weka' }, cordoned: true, has: { cpu: '1' } }),
    ];
    const weka = { namespace: 'weka', labels: { app: 'weka' } };
    const pods = [aPod('a', 'node-a', weka), aPod('b', 'node-a', weka)];
    expect(helps({ wants: cluster(spec), nodes: on, pods: [] })).toBe(
      'Label node-a with use=weka, or add a node with use=weka and zone=east',
    );
    expect(helps({ wants: cluster(spec), nodes: on, pods })).toBe('Add a node with use=weka and zone=east');
  });
});

/** Terms of one requirement each; the first holds all but the last where there are more than two. */
function nodeAffinity(...requirements: readonly object[]): object {
  const terms =
    requirements.length > 2
      ? [{ matchExpressions: requirements }]
      : requirements.map((each) => ({ matchExpressions: [each] }));
  return {
    podConfig: {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
      },
    },
  };
}
