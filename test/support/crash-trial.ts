import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../cluster/api.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { simulatedNode } from '../cluster/nodes.ts';
import { until } from '../cluster/until.ts';
import { Killer, type Moment } from './crash-kill.ts';
import { type EndState, Observer } from './crash-state.ts';
import { PRIORITY_CLASSES, type Step, STORY, STORY_NODE } from './crash-story.ts';
import { World } from './crash-world.ts';
import { type GitServer, startGitServer } from './git-server.ts';

/** What every trial is made on. */
export interface Ground {
  readonly cluster: Cluster;
  readonly server: GitServer;
  readonly password: string;
}

/** One call of the undisturbed story. */
export interface StoryCall {
  readonly step: string;
  readonly call: string;
}

/** The undisturbed story: how things stand after each step, and the calls that led there. */
export interface Golden {
  readonly states: readonly EndState[];
  readonly calls: readonly StoryCall[];
}

/** Where the process dies. The first call is 1. */
export interface KillPoint {
  readonly at: number;
  readonly moment: Moment;
}

export interface Verdict {
  readonly point: KillPoint;
  /** The step in which it was killed. */
  readonly step: string;
  /** Passes after the restart until one had nothing to write. */
  readonly passes: number;
  /** How the end differs from that of the undisturbed story; empty where it does not. */
  readonly differences: readonly string[];
}

/** A git server and what a cluster needs for the story. To be stopped by whoever prepares it. */
export async function prepareGround(cluster: Cluster): Promise<Ground> {
  // Tests of other files may be making them at this moment.
  const apply = ['apply', '--server-side', '--force-conflicts', '--filename', '-'];
  const { exitCode, stderr } = await cluster.kubectl(apply, { input: PRIORITY_CLASSES });
  if (exitCode !== 0) throw new Error(stderr);
  await cluster.api.json('POST', '/api/v1/nodes', simulatedNode(STORY_NODE)).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  });
  const password = 'correct-horse';
  return { cluster, password, server: await startGitServer({ users: { reconciler: password } }) };
}

/** Tells the story without a disturbance. */
export async function undisturbed(ground: Ground): Promise<Golden> {
  await using world = await World.make(ground);
  const observer = new Observer(world);
  const states: EndState[] = [];
  const calls: StoryCall[] = [];
  for (const step of STORY) {
    const { done } = await play(step, world, new Killer());
    calls.push(...done.map((call) => ({ step: step.name, call: call.replaceAll(world.id, 'ID') })));
    await settled(world);
    states.push(await observer.look(step.name));
    const idle = new Killer();
    await pass(world, step, idle);
    const written = idle.done.filter((call) => call !== 'push');
    if (written.length > 0) throw new Error(`At rest after ${step.name}: ${written.join(', ')}`);
  }
  return { states, calls };
}

/** Every point at which the story's process can die. */
export function killPoints({ calls }: Golden, moments: readonly Moment[]): readonly KillPoint[] {
  return calls.flatMap((_, index) => moments.map((moment) => ({ at: index + 1, moment })));
}

/**
 * Tells the story with one death in it, restarts, and compares the end of that step, and of as many steps after it as are
 * asked for.
 */
export async function trial(
  ground: Ground,
  golden: Golden,
  point: KillPoint,
  stepsAfter = Infinity,
): Promise<Verdict> {
  await using world = await World.make(ground);
  const observer = new Observer(world);
  const killer = new Killer(point.at, point.moment);
  let died: string | undefined;
  let passes = 0;
  let stepsLeft = stepsAfter;
  for (const [index, step] of STORY.entries()) {
    if (died === undefined) {
      await play(step, world, killer);
      if (killer.killed) {
        died = step.name;
        passes = await recover(world, step);
      }
    } else await play(step, world, new Killer());
    await settled(world);
    const state = await observer.look(step.name);
    const differences = died === undefined ? [] : differencesOf(golden.states[index], state);
    if (differences.length > 0) {
      const shown = differences.slice(0, 10).map((line) => `after ${step.name}: ${line}`);
      return { point, step: died ?? step.name, passes, differences: shown };
    }
    if (died !== undefined && stepsLeft-- === 0) break;
  }
  if (died === undefined) throw new Error(`There is no call ${point.at} to be killed at.`);
  const damage = await world.repository.git(['fsck', '--strict', '--no-dangling']);
  return { point, step: died, passes, differences: damage === '' ? [] : [damage] };
}

/** Passes of fresh processes until one has nothing to write, which is one too many only by that last one. */
async function recover(world: World, step: Step): Promise<number> {
  for (let passes = 1; passes <= 3; passes++) {
    // Whoever gave a command that died gives it again.
    if (passes === 1) await commands(world, step, new Killer());
    const killer = new Killer();
    await pass(world, step, killer);
    if (killer.done.every((call) => call === 'push')) return passes;
    await settled(world);
  }
  throw new Error(`After ${step.name} three passes were not enough to come to rest.`);
}

async function play(step: Step, world: World, killer: Killer): Promise<{ readonly done: readonly string[] }> {
  const before = killer.done.length;
  await step.happens(world);
  await commandsAndPass(world, step, killer);
  return { done: killer.done.slice(before) };
}

async function commandsAndPass(world: World, step: Step, killer: Killer): Promise<void> {
  await commands(world, step, killer);
  if (!killer.killed) await pass(world, step, killer);
}

async function commands(world: World, step: Step, killer: Killer): Promise<void> {
  for (const args of step.commands ?? []) {
    const { exitCode, stderr } = await world.run(args, (program) => killer.watch(program));
    if (killer.killed) return;
    if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}.\n${stderr}`);
  }
}

async function pass(world: World, step: Step, killer: Killer): Promise<void> {
  const { exitCode, stdout, stderr } = await world.run(undefined, (program) => killer.watch(program));
  if (killer.killed || exitCode === step.exitCode) return;
  throw new Error(`A pass of ${step.name} ended with ${exitCode}.\n${stderr}\n${stdout.slice(0, 4000)}`);
}

/** Controllers write to objects a moment after we did; only then does one look the same as another. */
async function settled({ cluster, monitoringNamespace }: World): Promise<void> {
  await until('the Deployment is seen by its controller', async () => {
    const path = `/apis/apps/v1/namespaces/${monitoringNamespace}/deployments`;
    const { items } = await cluster.api.json<{
      items: { metadata: { generation: number }; status: { observedGeneration?: number } }[];
    }>('GET', path);
    return items.every(({ metadata, status }) => status.observedGeneration === metadata.generation);
  });
}

/** `path: expected, but was …` for each leaf that differs. */
export function differencesOf(expected: unknown, actual: unknown, path = ''): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (isMap(expected) && isMap(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) =>
      differencesOf(expected[key], actual[key], path === '' ? key : `${path} / ${key}`),
    );
  }
  return [`${path}: expected ${JSON.stringify(expected)}, was ${JSON.stringify(actual)}`];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
