import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../../schemas/settings.ts';
import { type BuildContext, buildDesired } from '../../../../reconciler/core/desired/build.ts';
import type { DesiredObject } from '../../../../reconciler/core/desired/desired.ts';
import { type PlacesKnown, podsToPlace, withPlaces } from '../../../../reconciler/core/desired/place-pods.ts';
import type { NodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import { ALLOCATION, type PodFacts, podFacts } from '../../../../reconciler/core/facts/pod-facts.ts';
import { ModelCluster } from '../../../../reconciler/core/forecast/model.ts';
import { record } from '../../../../reconciler/core/kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { NodeTerm } from '../../../../reconciler/core/placement/node-terms.ts';
import { requestFor } from '../../../../reconciler/core/plan/approvals/request.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { plan } from '../../../../reconciler/core/plan/plan.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { aNode, aPod, nodes } from '../placement/build-placement.ts';

const CONTEXT: BuildContext = { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' };
const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };
const DIST = 'v1/Pod/weka/dist' as ObjectId;

/** What the manifests of these containers ask for. */
function desired(specs: Readonly<Record<string, object>>): readonly DesiredObject[] {
  const files = Object.entries(specs).map(([name, spec]) => ({
    path: `${name}.yaml`,
    content: new TextEncoder().encode(wekaContainer('weka', name, spec)),
  }));
  return buildDesired(parseSpecs(files, CEILINGS), CONTEXT).objects;
}

interface Around {
  readonly nodes?: readonly NodeFacts[];
  readonly pods?: readonly PodFacts[];
  readonly live?: readonly KubeObject[];
  readonly volumes?: ReadonlyMap<ObjectId, readonly NodeTerm[]>;
}

/** The same, with each pod in its place. */
function placed(specs: Readonly<Record<string, object>>, around: Around = {}): readonly DesiredObject[] {
  const { live = [], volumes = new Map() } = around;
  const running = live.filter(({ kind }) => kind === 'Pod').map((pod) => podFacts({ ...pod }));
  const pods = [...(around.pods ?? []), ...running];
  const known: PlacesKnown = {
    facts: { nodes: around.nodes ?? nodes(3), pods, namespaces: new Map() },
    volumes,
  };
  return withPlaces(desired(specs), byId(live), known, CONTEXT);
}

const byId = (objects: readonly KubeObject[]) => new Map(objects.map((each) => [objectId(each), each]));
const dist = (all: readonly DesiredObject[]) => all.find(({ id }) => id === DIST)!;

/** Where each pod stands, or why it stands nowhere. */
function places(all: readonly DesiredObject[]): readonly string[] {
  return all.flatMap(({ object, placement }) => {
    if (placement === undefined) return [];
    const change = placement.how === 'nowhere' ? placement.change : undefined;
    const words =
      'allocation' in placement
        ? `on ${placement.allocation.node} (${placement.how})`
        : `${placement.how}: ${[placement.why, change].filter(Boolean).join(' → ')}`;
    return [`${object.metadata.name} ${words}`];
  });
}

function planned(all: readonly DesiredObject[], live: readonly KubeObject[] = []): readonly Change[] {
  return plannedAll(all, live).filter(({ id }) => id.startsWith('v1/Pod/'));
}

function plannedAll(all: readonly DesiredObject[], live: readonly KubeObject[]): readonly Change[] {
  const settings = { conflicts: 'report', drift: 'correct' } as unknown as Settings['spec'];
  const prune = { settings: { enabled: true } } as never;
  const { changes } = plan({
    desired: all,
    live: byId(live),
    unread: [],
    broken: new Map(),
    settings,
    prune,
    applySet: CONTEXT.applySet,
  });
  return changes;
}

const inWords = (changes: readonly Change[]) =>
  changes.map((change) =>
    [
      `${change.op} ${change.id}`,
      ...change.fields.map(({ path }) => path),
      ...('reason' in change ? [change.reason] : []),
    ].join(' | '),
  );

/** A pod as the API server has it after it was made; `node` is where it runs. */
function made({ id, object }: DesiredObject, node?: string): KubeObject {
  const cluster = new ModelCluster(new Map());
  cluster.apply({ op: 'create', id, desired: object, fields: [], flags: [] });
  const stored = cluster.objects.get(id)!;
  return node === undefined ? stored : { ...stored, spec: { ...record(stored['spec']), nodeName: node } };
}

function annotated(pod: KubeObject, text: string | undefined): KubeObject {
  const { [ALLOCATION]: _, ...annotations } = pod.metadata.annotations ?? {};
  const metadata = {
    ...pod.metadata,
    annotations: { ...annotations, ...(text !== undefined && { [ALLOCATION]: text }) },
  };
  return { ...pod, metadata };
}

describe('a pod that is to be made', () => {
  it('is looked for a place, and one that is there is not', () => {
    const all = desired({ dist: {}, builder: { mode: 'drivers-builder', uploadResultsTo: 'dist' } });
    expect(
      podsToPlace(all, new Map())
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['v1/Pod/weka/builder', DIST]);
    const live = byId([made(dist(all))]);
    expect(podsToPlace(all, live).map(({ id }) => id)).toEqual(['v1/Pod/weka/builder']);
  });

  it('is pinned to its node, which is written on it, and leaves how it is spread to placement', () => {
    const spread = { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' };
    const zones = nodes(1, { labels: { zone: 'a', 'kubernetes.io/hostname': 'host-a' } });
    const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'dist' } } };
    const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
    const { object } = dist(
      placed(
        {
          dist: {
            topologySpreadConstraints: [spread],
            affinity: { podAffinity },
            nodeSelector: { zone: 'a' },
          },
        },
        { nodes: zones },
      ),
    );
    expect(object.metadata.annotations?.[ALLOCATION]).toBe(
      '{"drives":[],"hostname":"host-a","node":"node-a","ports":{}}',
    );
    const spec = record(object['spec']);
    expect(spec['topologySpreadConstraints']).toBeUndefined();
    expect(spec['affinity']).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
                { key: 'zone', operator: 'In', values: ['a'] },
                { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-a'] },
              ],
            },
          ],
        },
      },
    });
  });

  it('stands where its manifest says, by the name of the node or by its hostname', () => {
    const on = [aNode('node-a'), aNode('node-b', { labels: { 'kubernetes.io/hostname': 'host-b' } })];
    expect(places(placed({ dist: { nodeAffinity: 'node-b' } }, { nodes: on }))).toEqual([
      'dist on node-b (new)',
    ]);
    expect(places(placed({ dist: { nodeAffinity: 'host-b' } }, { nodes: on }))).toEqual([
      'dist on node-b (new)',
    ]);
    expect(
      JSON.stringify(dist(placed({ dist: { nodeAffinity: 'node-b' } }, { nodes: on })).object),
    ).toContain('"values":["host-b"]');
  });

  it('is placed beside all others, whatever the order', () => {
    const specs = { a: {}, b: {}, c: {} };
    const two = nodes(2, { has: { cpu: '1' } });
    const some = placed(specs, { nodes: two });
    expect(places(some)).toEqual(places(placed(specs, { nodes: two.toReversed() })));
    expect(places(some).filter((words) => words.includes('(new)'))).toHaveLength(3);
    const narrow = placed(specs, { nodes: nodes(2, { has: { cpu: '600m' } }) });
    expect(places(narrow)).toEqual([
      'a on node-a (new)',
      'b on node-b (new)',
      'c nowhere: c finds no node beside weka/a: node-a and node-b lack 0.4 cores → Give node-a 0.4 cores more, or add a node',
    ]);
  });

  it('that finds no node waits with the words of the refusal, and is not made', () => {
    const [change] = planned(placed({ dist: { nodeSelector: { use: 'weka' } } }));
    expect(change).toMatchObject({
      op: 'wait',
      absent: true,
      fields: [],
      reason:
        'dist finds no node: node-a, node-b and node-c have no label use=weka. Label node-a with use=weka, or add a node with use=weka',
    });
  });

  it('takes what its very pod asks for: by limits alone, and by ports of the host', () => {
    const pages = { resources: { limits: { 'hugepages-2Mi': '2Gi' } } };
    expect(places(placed({ dist: pages }, { nodes: nodes(1, { has: { 'hugepages-2Mi': '1Gi' } }) }))).toEqual(
      [expect.stringContaining('lacks 512 huge pages of 2 MiB')],
    );
    const ports = { exposedPorts: [{ name: 'web', containerPort: 8080, hostPort: 8080 }] };
    expect(places(placed({ a: ports, b: ports }, { nodes: nodes(1) }))).toEqual([
      'a on node-a (new)',
      expect.stringContaining('b nowhere: b finds no node'),
    ]);
    const web = aPod('web', 'node-a', { hostPorts: [8080] });
    expect(places(placed({ a: ports }, { nodes: nodes(2), pods: [web] }))).toEqual(['a on node-b (new)']);
  });

  it('stands where its volume can be reached', () => {
    const term = {
      matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-c'] }],
    };
    expect(places(placed({ dist: {} }, { volumes: new Map([[DIST, [term]]]) }))).toEqual([
      'dist on node-c (new)',
    ]);
    const zone = { matchExpressions: [{ key: 'zone', operator: 'Exists' }] };
    const both = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [zone] } },
    };
    expect(places(placed({ dist: { affinity: both } }, { volumes: new Map([[DIST, [term]]]) }))).toEqual([
      expect.stringContaining('dist nowhere'),
    ]);
  });

  it('heeds an empty alternative of its node affinity as Kubernetes does: no node is meant by it', () => {
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
    };
    expect(places(placed({ dist: { affinity } }))).toEqual([expect.stringContaining('dist nowhere')]);
    const { object } = dist(desired({ dist: { affinity } }));
    expect(record(object['spec'])['affinity']).toEqual(affinity);
  });

  it('waits where nodes or pods could not be listed, or contradict each other', () => {
    const why = 'You may not list nodes. (API_FORBIDDEN)';
    expect(places(withPlaces(desired({ dist: {} }), new Map(), { why }, CONTEXT))).toEqual([
      `dist nowhere: No node can be chosen for it: ${why}`,
    ]);
    expect(places(placed({ dist: {} }, { nodes: [aNode('node-a'), aNode('node-a')] }))).toEqual([
      'dist nowhere: No node can be chosen for it, since the cluster says that there are two nodes node-a',
    ]);
  });

  it('is placed, and told with it, where pods are on nodes that are gone, and so where it finds none', () => {
    const pods = [aPod('web', 'node-z')];
    const note = 'pods on nodes that are gone count nowhere: other/web on node-z';
    expect(dist(placed({ dist: {} }, { pods })).placement).toMatchObject({ how: 'new', note });
    const [words] = places(placed({ dist: { nodeSelector: { use: 'weka' } } }, { pods }));
    expect(words).toContain(`; ${note} → Label`);
    expect(dist(placed({ dist: {} })).placement).not.toHaveProperty('note');
  });

  it('is on no node that shares its hostname, nor on one that says what cannot be', () => {
    const labels = { 'kubernetes.io/hostname': 'host' };
    const on = [
      aNode('node-a', { labels }),
      aNode('node-b', { labels }),
      aNode('node-c', { has: { cpu: '-4' } }),
    ];
    const [words] = places(placed({ dist: {} }, { nodes: on }));
    expect(words).toContain('node-a has the hostname label host, which node-b has too');
    expect(words).toContain('Give node-a a hostname label of its own, or add a node');
    expect(words).toContain('node-c says that it has minus 4 cores, which cannot be');
    expect(places(placed({ dist: {} }, { nodes: [...on, aNode('node-d')] }))).toEqual([
      'dist on node-d (new)',
    ]);
  });

  it('has its node in the digest of the plan, and not in that of an approval', () => {
    const digest = (node: string) => {
      const changes = planned(placed({ dist: { exposedPorts: [] } }, { nodes: [aNode(node)] }));
      const [change] = changes;
      if (change?.op !== 'create') throw new Error('It is made.');
      return { plan: planDigest(changes), approval: requestFor(change, [], 'production').digest };
    };
    const [a, b] = [digest('node-a'), digest('node-b')];
    expect(a.plan).not.toBe(b.plan);
    expect(a.approval).toBe(b.approval);
    expect(digest('node-a')).toEqual(a);
  });

  it('has another approval digest where the manifest itself names another node', () => {
    const digest = (spec: object) => {
      const [change] = planned(placed({ dist: { exposedPorts: [], ...spec } }));
      if (change?.op !== 'create') throw new Error('It is made.');
      return requestFor(change, [], 'production').digest;
    };
    const term = (node: string) => ({
      matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }],
    });
    const affinity = (node: string) => ({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term(node)] } },
    });
    const digests = [
      {},
      { nodeAffinity: 'node-a' },
      { nodeAffinity: 'node-b' },
      { affinity: affinity('node-a') },
      { affinity: affinity('node-b') },
    ].map(digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('has nothing of an allocation that its manifest made up', () => {
    const manifest = JSON.parse(wekaContainer('weka', 'dist')) as { metadata: object };
    const text = JSON.stringify({
      ...manifest,
      metadata: { ...manifest.metadata, annotations: { [ALLOCATION]: '{"node":"node-z"}' } },
    });
    const files = [{ path: 'a.yaml', content: new TextEncoder().encode(text) }];
    const { objects } = buildDesired(parseSpecs(files, CEILINGS), CONTEXT);
    expect(dist(objects).object.metadata.annotations).not.toHaveProperty(ALLOCATION);
  });
});

describe('a pod that is there', () => {
  const specs = { dist: { nodeSelector: { zone: 'a' } } };
  const on = nodes(2, { labels: { zone: 'a' } });
  const first = dist(placed(specs, { nodes: on }));
  const unasked = (live: KubeObject) => withPlaces(desired(specs), byId([live]), undefined, CONTEXT);

  it('is wanted where it was placed, by what is written on it alone', () => {
    const live = made(first, 'node-a');
    expect(places(unasked(live))).toEqual(['dist on node-a (kept)']);
    expect(inWords(planned(unasked(live), [live]))).toEqual([`keep ${DIST}`]);
  });

  it('is made into its form once for as long as nothing changes', () => {
    const live = made(first, 'node-a');
    const all = desired(specs);
    const look = () => dist(withPlaces(all, byId([live]), undefined, CONTEXT));
    expect(look()).toBe(look());
  });

  it('and was made before pods were placed is left as it is', () => {
    const old = made(dist(desired(specs)), 'node-b');
    expect(places(unasked(old))).toEqual([]);
    expect(inWords(planned(unasked(old), [old]))).toEqual([`keep ${DIST}`]);
  });

  it('keeps its room while others are placed', () => {
    const live = made(first, 'node-a');
    const narrow = nodes(1, { labels: { zone: 'a' }, has: { cpu: '600m' } });
    expect(places(placed({ ...specs, other: {} }, { nodes: narrow, live: [live] }))).toEqual([
      'dist on node-a (kept)',
      expect.stringContaining('other nowhere'),
    ]);
  });

  it('shows what its manifest asks for otherwise: another label, another node', () => {
    const live = made(first, 'node-a');
    const label = withPlaces(
      desired({ dist: { nodeSelector: { zone: 'b' } } }),
      byId([live]),
      undefined,
      CONTEXT,
    );
    expect(inWords(planned(label, [live]))[0]).toMatch(/^wait v1\/Pod\/weka\/dist \| spec\.affinity/);
    const pinned = { dist: { ...specs.dist, nodeAffinity: 'node-b' } };
    const node = withPlaces(desired(pinned), byId([live]), undefined, CONTEXT);
    expect(inWords(planned(node, [live]))[0]).toMatch(/^wait v1\/Pod\/weka\/dist .*\| spec\.affinity/);
  });

  it.each([
    ['damaged', '{"node":', 'is damaged, so that nobody knows what it has on its node'],
    ['half', '{"node":"node-a"}', 'is damaged, so that nobody knows what it has on its node'],
    ['gone', undefined, 'is gone, which says where it was placed'],
    [
      'of another node',
      '{"drives":[],"node":"node-b","ports":{}}',
      'says that it is on node-b, and it is on node-a',
    ],
    [
      'of another hostname',
      '{"drives":[],"hostname":"host-b","node":"node-a","ports":{}}',
      'says that it belongs on node-a, and it is pinned to node-a',
    ],
  ])('with an annotation that is %s is refused, and a person has to decide', (_, text, words) => {
    const live = annotated(made(first, 'node-a'), text);
    const [change] = inWords(planned(unasked(live), [live]));
    expect(change).toContain(
      `refuse ${DIST} | Its annotation weka-gitops.dev/allocation ${words}: delete it by hand`,
    );
  });

  it('and waits for its node is not taken to be elsewhere', () => {
    expect(places(unasked(made(first)))).toEqual(['dist on node-a (kept)']);
  });
});

describe('a pod that is gone', () => {
  const ANCHOR = 'v1/ConfigMap/weka/weka-wekacontainer-dist' as ObjectId;
  const anchorIn = (all: readonly DesiredObject[]) => all.find(({ id }) => id === ANCHOR)!;
  const both = { a: {}, dist: {} };
  const on = nodes(2, { has: { cpu: '2' } });
  const first = placed(both, { nodes: on });
  const anchors = first.filter(({ object }) => object.kind === 'ConfigMap').map((each) => made(each));
  /** Where dist is to go after its pod went from node-b, and `a` as well if it is not named. */
  const again = (
    specs: Readonly<Record<string, object>>,
    nodesNow: readonly NodeFacts[],
    pods: readonly PodFacts[] = [],
  ) => placed(specs, { nodes: nodesNow, pods, live: anchors });

  it('is made again where it was, whatever place is better now', () => {
    expect(places(first)).toEqual(['a on node-a (new)', 'dist on node-b (new)']);
    expect(places(placed({ dist: {} }, { nodes: on }))).toEqual(['dist on node-a (new)']);
    expect(places(again({ dist: {} }, on))).toEqual(['dist on node-b (kept)']);
    expect(places(again({ dist: {}, c: {} }, on))).toEqual(['c on node-a (new)', 'dist on node-b (kept)']);
    const crowd = ['x', 'y', 'z'].map((name) => aPod(name, 'node-b', { labels: { 'weka.io/mode': 'dist' } }));
    expect(places(again({ dist: {} }, on, crowd))).toEqual(['dist on node-b (kept)']);
  });

  it('has its place before others that are to be made as well', () => {
    const narrow = nodes(2, { has: { cpu: '600m' } });
    expect(places(again({ b: {}, c: {}, dist: {} }, narrow))).toEqual([
      'b on node-a (new)',
      expect.stringContaining('c nowhere'),
      'dist on node-b (kept)',
    ]);
  });

  it.each<[string, object, readonly NodeFacts[], readonly PodFacts[]]>([
    ['is gone', {}, [aNode('node-a')], []],
    ['is cordoned', {}, [aNode('node-a'), aNode('node-b', { cordoned: true })], []],
    [
      'has the taint node.kubernetes.io/out-of-service:NoExecute',
      {},
      [
        aNode('node-a'),
        aNode('node-b', { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] }),
      ],
      [],
    ],
    [
      'lacks 0.1 cores',
      {},
      nodes(2, { has: { cpu: '1' } }),
      [aPod('web', 'node-b', { requests: { cpu: '600m' } })],
    ],
    [
      'has no label use=weka',
      { nodeSelector: { use: 'weka' } },
      [aNode('node-a', { labels: { use: 'weka' } }), aNode('node-b')],
      [],
    ],
    ['is not the one that its manifest names', { nodeAffinity: 'node-a' }, nodes(2), []],
  ])('goes elsewhere where its node %s, and says so', (why, spec, nodesNow, pods) => {
    const { placement } = dist(again({ dist: spec }, nodesNow, pods));
    expect(placement).toMatchObject({
      how: 'moved',
      allocation: { node: 'node-a' },
      from: { node: 'node-b', why },
    });
  });

  it('is remembered while it waits for a node, and forgotten where what is written is damaged', () => {
    const waiting = again({ dist: {} }, [aNode('node-b', { cordoned: true })]);
    expect(places(waiting)).toEqual([expect.stringContaining('dist nowhere')]);
    expect(anchorIn(waiting).object.metadata.annotations?.[ALLOCATION]).toContain('"node":"node-b"');
    const damaged = anchors.map((each) => annotated(each, '{"node":'));
    expect(places(placed({ dist: {} }, { nodes: on, live: damaged }))).toEqual(['dist on node-a (new)']);
  });

  it('has its place written on its anchor, which changes only when it moves', () => {
    const all = (live: readonly KubeObject[], desiredNow: readonly DesiredObject[]) =>
      plannedAll(desiredNow, live).map(({ op, id, fields }) => [op, id, fields.map(({ path }) => path)]);
    const specs = { dist: {} };
    const start = placed(specs, { nodes: on });
    const live = start.map((each) => made(each, 'node-a'));
    const kept = (id: string) => ['keep', id, []];
    const inUse = kept('v1/ConfigMap/weka/dist-in-use');
    const certificates = ['tls', 'upload'].map((use) => kept(`v1/Secret/weka/dist-${use}`));
    const keep = [inUse, kept(ANCHOR), ...certificates, kept(DIST)];
    expect(all(live, placed(specs, { nodes: on, live }))).toEqual(keep);
    const gone = live.filter(({ kind }) => kind !== 'Pod');
    expect(all(gone, placed(specs, { nodes: on, live: gone }))).toEqual([
      inUse,
      kept(ANCHOR),
      ...certificates,
      ['create', DIST, []],
    ]);
    expect(all(gone, placed(specs, { nodes: [aNode('node-b')], live: gone }))).toEqual([
      inUse,
      ['update', ANCHOR, [`metadata.annotations["${ALLOCATION}"]`]],
      ...certificates,
      ['create', DIST, []],
    ]);
    const forged = live.map((each) =>
      objectId(each) !== ANCHOR ? each : annotated(each, '{"drives":[],"node":"node-b","ports":{}}'),
    );
    expect(all(forged, placed(specs, { nodes: on, live: forged }))).toEqual([
      inUse,
      ['update', ANCHOR, [`metadata.annotations["${ALLOCATION}"]`]],
      ...certificates,
      ['keep', DIST, []],
    ]);
  });

  it('is not part of what the manifest asks for, so that a review is not stale when it moves', () => {
    const [one, other] = ['node-a', 'node-b'].map((node) =>
      anchorIn(placed({ dist: {} }, { nodes: [aNode(node)] })),
    );
    expect(one?.object).not.toEqual(other?.object);
    expect(one?.unplaced).toEqual(other?.unplaced);
  });
});

it('what is asked for besides is handed on as it is', () => {
  const all = desired({ dist: {} }).filter(({ container }) => container === undefined);
  expect(all.map(({ object }) => object.kind)).toEqual(['ConfigMap', 'Secret', 'Secret', 'ConfigMap']);
  expect(withPlaces(all, new Map(), undefined, CONTEXT)).toBe(all);
});
