import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aWorldInChange } from './crash-disturbed.ts';
import { type EndState, Observer } from './crash-state.ts';
import { differencesOf, type Ground } from './crash-trial.ts';
import type { World } from './crash-world.ts';
import { apiFault, type Chances, chances, gitTrouble, sortOf } from './fault-chance.ts';
import { FaultRun } from './fault-run.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';

export interface RandomVerdict {
  readonly seed: number;
  /** Faults that were made, by their kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** What the log warned of, each message once with how often it came. */
  readonly said: Readonly<Record<string, number>>;
  /** Against the end of a world that nothing disturbed, and what else is wrong; empty where all is well. */
  readonly differences: readonly string[];
}

const MINUTE_MS = 60_000;
const STEP = { stepMs: 500 };
/** How long three calls of ten fail, and how often somebody edits an object meanwhile. */
const FAULTS_FOR_MS = 10 * MINUTE_MS;
const EDITS = 4;
/** More often than in earnest, so that lists and watches have their share of faults. */
const RELIST_EVERY_MS = 2 * MINUTE_MS;
/** The belt's next list is no farther away, and neither is the end of any wait. */
const MENDED_WITHIN_MS = 6 * MINUTE_MS;

/** `run` while three calls of ten fail, of the API server and of the git server; then how all ends. */
export async function randomTrial(ground: Ground, calm: EndState, seed: number): Promise<RandomVerdict> {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-chance-')),
  ]);
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  const observer = new Observer(world);
  await observer.look('before');
  const made: Record<string, number> = {};
  const end = await unleash(chances(seed), { world, faults, made });
  const run = await new FaultRun(world, { faults, watch: { relistEveryMs: RELIST_EVERY_MS } }).start();
  try {
    for (let edits = 0; edits < EDITS; edits++) {
      await run.pass(FAULTS_FOR_MS / (EDITS + 1), STEP);
      await editByHand(world, edits);
    }
    await run.pass(FAULTS_FOR_MS / (EDITS + 1), STEP);
    end();
    await run.pass(MENDED_WITHIN_MS, STEP);
    const differences = [
      ...differencesOf(calm, await observer.look('after')),
      ...(run.isCalm ? [] : ['it has not come to rest']),
      ...damageOf(await world.repository.git(['fsck', '--strict', '--no-dangling'])),
      ...logFaults(run, made),
    ];
    return { seed, faults: made, said: said(run), differences };
  } finally {
    await run.stop();
    await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
  }
}

/** Lets chance rule over all calls; gives what ends that. */
async function unleash(
  all: Chances,
  parts: { readonly world: World; readonly faults: FaultServer; readonly made: Record<string, number> },
): Promise<() => void> {
  const { world, faults, made } = parts;
  const { namespace, id } = world;
  const count = (kind: string): void => void (made[kind] = (made[kind] ?? 0) + 1);
  const selector = 'applyset.kubernetes.io/part-of';
  const old = await world.cluster.api.text(
    'GET',
    `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${selector}`,
  );
  const oldOf = (url: string) =>
    url.startsWith(`/api/v1/namespaces/${namespace}/configmaps?`) && url.includes('labelSelector')
      ? old
      : undefined;
  const next = { read: 0, watch: 0, write: 0, git: 0 };
  faults.rules.choose = (method, url) => {
    const sort = sortOf(method, url);
    const wish = all[sort][next[sort]++ % all[sort].length];
    const fault = wish && apiFault(wish, oldOf(url));
    if (fault !== undefined) count(`${sort} ${wish}`);
    return fault;
  };
  const remove = world.server.onRequest(async (request) => {
    if (!request.url.includes(id)) return undefined;
    const wish = all.git[next.git++ % all.git.length];
    if (wish === undefined) return undefined;
    const trouble = await gitTrouble(wish, request, world);
    if (trouble !== undefined) count(`git ${wish}`);
    return trouble;
  });
  return () => {
    faults.rules.clear();
    remove();
  };
}

async function editByHand({ cluster, namespace }: World, edits: number): Promise<void> {
  const patch = ['-p', JSON.stringify({ data: { as: `edited by hand, ${edits}` } })];
  const { exitCode, stderr } = await cluster.kubectl([
    'patch',
    'configmap',
    'kept',
    '-n',
    namespace,
    ...patch,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
}

const damageOf = (text: string): readonly string[] => (text === '' ? [] : [text]);

/** A fault is one line: a sentence or two where it has a code, and never more lines than there were faults. */
function logFaults({ warnings }: FaultRun, made: Readonly<Record<string, number>>): readonly string[] {
  const faults = Object.values(made).reduce((sum, count) => sum + count, 0);
  const bad = warnings.filter(({ message, code, why }) => {
    if (code === undefined && why === undefined) return message.includes('\n');
    return typeof why !== 'string' || why === '' || why.includes('\n') || /\bat .*\.ts:\d/.test(why);
  });
  return [
    ...bad.map((line) => `the log says ${JSON.stringify(line)}`),
    ...(warnings.length > faults ? [`${warnings.length} warnings for ${faults} faults`] : []),
  ];
}

function said({ warnings }: FaultRun): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { message, code } of warnings) {
    const text = `${message}${code === undefined ? '' : ` (${JSON.stringify(code).slice(1, -1)})`}`;
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}
