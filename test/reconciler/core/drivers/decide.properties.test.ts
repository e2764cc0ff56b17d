import { describe, expect, it } from 'vitest';
import { targetKey } from '../../../../schemas/drivers/target.ts';
import { NodeIntent } from '../../../../schemas/node-intent.ts';
import type { DriversDecision, DriversInput } from '../../../../reconciler/core/drivers/decision.ts';
import { decideDrivers } from '../../../../reconciler/core/drivers/decide.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { Chance } from '../placement/scheduler/chance.ts';
import { RandomWorld } from './random-world.ts';

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

/** Lets each world live through a few passes, and judges every decision with what led to it. */
function everyDecision(judge: (world: RandomWorld, decision: DriversDecision, seed: number) => void): void {
  for (const seed of SEEDS) {
    const world = new RandomWorld(seed);
    for (let pass = 0; pass < 6; pass++) {
      const decision = world.decide();
      judge(world, decision, seed);
      world.apply(decision, world.chance.in100(50));
      world.work();
      if (world.chance.in100(50)) world.boot();
      if (world.chance.in100(25)) world.rewrite();
    }
  }
}

/** The content of intents by their nodes. */
function texts(intents: Iterable<readonly [string, KubeObject]>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...intents].map(([name, object]) => [name, object['data']]));
}

function textsOf({ intents }: DriversDecision): Readonly<Record<string, unknown>> {
  return texts(intents.map(({ node, object }) => [node, object]));
}

describe('every decision', () => {
  it('is the same for the same input, in whatever order that is given', () => {
    everyDecision((world, decision, seed) => {
      const input = world.input();
      const nodes =
        input.nodes === undefined || 'unread' in input.nodes
          ? input.nodes
          : { ...input.nodes, nodes: shuffled(input.nodes.nodes, seed) };
      const again = decideDrivers({
        ...input,
        nodes,
        live: new Map(shuffled([...input.live], seed)),
        intents: new Map(shuffled([...input.intents], seed)),
        answers: new Map(shuffled([...world.answers()], seed)),
      });
      expect(JSON.stringify(again)).toBe(JSON.stringify(decision));
    });
  });

  it('gives a node one version and one intent at most', () => {
    everyDecision((_, { seen, intents, pods }) => {
      expect(new Set(seen.nodes.map(({ node }) => node)).size).toBe(seen.nodes.length);
      expect(new Set(intents.map(({ node }) => node)).size).toBe(intents.length);
      const nodes = seen.cells.flatMap((cell) => cell.nodes);
      expect(new Set(nodes).size).toBe(nodes.length);
      const loads = pods.filter(({ does }) => does === 'load').map(({ node }) => node);
      expect(new Set(loads).size).toBe(loads.length);
    });
  });

  it('pins nothing twice, and never another package in place of one that is pinned', () => {
    everyDecision((world, { lock }) => {
      const keys = lock.packages.map((entry) => `${entry.service} ${targetKey(entry.package)}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const entry of world.lock.packages) expect(lock.packages).toContainEqual(entry);
    });
  });

  it('asks nodes only for what is pinned, for the kernel that they say runs, and only where their reports count', () => {
    everyDecision((world, decision) => {
      if (world.nodes === undefined || 'unread' in world.nodes) return;
      const pinned = new Set(decision.lock.packages.map((entry) => entry.package.sha256));
      const before = texts(world.intents);
      for (const { node, object, allowed } of decision.intents) {
        for (const wanted of [object, ...(allowed === undefined ? [] : [allowed])]) {
          if (JSON.stringify(wanted['data']) === JSON.stringify(before[node])) continue;
          const report = world.nodes.reports.get(node);
          expect(report?.state).toBe('told');
          const text = (wanted['data'] as Record<string, string>)['intent.json'] ?? '';
          const { generation, drivers } = NodeIntent.parse(JSON.parse(text));
          expect(pinned).toContain(drivers?.package.sha256);
          expect(generation).toBeGreaterThan(world.intent(node)?.generation ?? 0);
          const { kernel } = report?.state === 'told' ? report.report.observed : {};
          expect(kernel).toMatchObject({ release: drivers?.package.kernel });
        }
      }
    });
  });

  it('says what a node does wherever it asks it for anything new', () => {
    everyDecision((world, { intents }) => {
      const before = texts(world.intents);
      for (const { node, object, allowed, does } of intents) {
        const isNew = JSON.stringify((allowed ?? object)['data']) !== JSON.stringify(before[node]);
        expect(does.length > 0).toBe(isNew);
      }
    });
  });

  it('never lets modules that are loaded make way without saying that it takes consent', () => {
    everyDecision((world, { intents }) => {
      for (const { node, object } of intents) {
        const replace = /"replace": "(\w+)"/.exec(JSON.stringify(object['data']).replaceAll('\\', ''))?.[1];
        const live = world.intent(node)?.drivers?.replace ?? 'never';
        const order = ['never', 'unused', 'drain'];
        expect(order.indexOf(replace ?? 'never')).toBeLessThanOrEqual(order.indexOf(live));
      }
    });
  });

  it('removes and changes no intent, no pod and no pin where nodes are not seen', () => {
    const unseen: readonly DriversInput['nodes'][] = [
      undefined,
      { unread: 'The nodes could not be listed.', isPassing: true },
      { nodes: [], reports: new Map() },
    ];
    everyDecision((world) => {
      for (const nodes of unseen) {
        const decision = decideDrivers({ ...world.input(), nodes, answers: world.answers() });
        expect(textsOf(decision)).toEqual(texts(world.intents));
        expect(decision.lock).toBe(world.lock);
        expect(decision.pods.map(({ live }) => live)).toHaveLength(
          world.workPods('build').length + world.workPods('fetch').length + world.workPods('load').length,
        );
        expect(decision.pods.filter(({ live, again }) => live === undefined || again !== undefined)).toEqual(
          [],
        );
      }
    });
  });

  it('removes and changes no intent of a node that is not among those that were seen', () => {
    everyDecision((world) => {
      const input = world.input();
      if (input.nodes === undefined || 'unread' in input.nodes) return;
      const { nodes, reports } = input.nodes;
      const some = nodes.slice(1);
      const missing = nodes[0]?.name ?? '';
      const decision = decideDrivers({ ...input, nodes: { nodes: some, reports }, answers: world.answers() });
      expect(textsOf(decision)[missing]).toEqual(texts(world.intents)[missing]);
    });
  });

  it('is at rest once it is carried out, while nothing else moves', () => {
    everyDecision((world) => {
      for (let pass = 0; pass < 4; pass++) world.apply(undefined, true);
      const rest = world.decide();
      expect(rest.intents.filter(({ does }) => does.length > 0)).toEqual([]);
      expect(rest.lock).toBe(world.lock);
      expect(textsOf(rest)).toEqual(texts(world.intents));
    });
  });
});

function shuffled<Item>(list: readonly Item[], seed: number): Item[] {
  const chance = new Chance(seed);
  return list
    .map((item) => ({ item, at: chance.number() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
