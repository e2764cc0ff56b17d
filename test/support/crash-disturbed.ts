import { KubeApi, type RequestOptions } from '../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../reconciler/world/kubeapi/load-kube-config.ts';
import { KubeCluster } from '../../reconciler/world/live/kube-cluster.ts';
import { openRepository } from '../../reconciler/world/git/repository.ts';
import { openStatusBranch } from '../../reconciler/world/git/status-branch.ts';
import type { Program } from '../../reconciler/program.ts';
import { differencesOf, type Ground } from './crash-trial.ts';
import { type EndState, Observer } from './crash-state.ts';
import { type PassResult, World } from './crash-world.ts';
import { configMap, settings } from './manifests.ts';

/** Passes after which an error that time mends has to be mended. */
const MOST_PASSES = 4;

/** A world in which one commit was applied, and the next one waits: it makes, changes and prunes an object each. */
export async function aWorldInChange(ground: Ground): Promise<World> {
  const world = await World.make(ground);
  const { namespace, repository } = world;
  await repository.commit(
    {
      'namespace.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      }),
      'settings.yaml': settings({ namespaces: [namespace], prune: { budget: { objects: 1, percent: 50 } } }),
      'kept.yaml': configMap(namespace, 'kept', { as: 'it was' }),
      'changed.yaml': configMap(namespace, 'changed', { value: 'before' }),
      'pruned.yaml': configMap(namespace, 'pruned'),
      'service.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'main', namespace },
        spec: { ports: [{ port: 80 }] },
      }),
    },
    { message: 'before' },
  );
  const { exitCode, stdout, stderr } = await world.run();
  if (exitCode !== 0) throw new Error(`${stderr}${stdout}`);
  await repository.commit(
    {
      'changed.yaml': configMap(namespace, 'changed', { value: 'after' }),
      'made.yaml': configMap(namespace, 'made'),
      'pruned.yaml': null,
    },
    { message: 'after' },
  );
  return world;
}

/** How a world ends that nothing disturbs. */
export async function calmEnd(ground: Ground): Promise<EndState> {
  await using world = await aWorldInChange(ground);
  const observer = new Observer(world);
  await observer.look('before');
  const { exitCode, stdout, stderr } = await world.run();
  if (exitCode !== 0) throw new Error(`${stderr}${stdout}`);
  return await observer.look('after');
}

export interface Disturbed {
  /** Of each pass, until one ended well. */
  readonly passes: readonly PassResult[];
  /** Against the end of a world that nothing disturbed. */
  readonly differences: readonly string[];
}

/** Passes until one ends well, and how the end differs from a calm one. `mend` is called after each pass that did not. */
export async function passesUntilCalm(
  world: World,
  calm: EndState,
  {
    disturb,
    mend = () => undefined,
    change,
  }: {
    readonly disturb: () => unknown;
    readonly mend?: () => unknown;
    readonly change?: ((program: Program) => Program) | undefined;
  },
): Promise<Disturbed> {
  const observer = new Observer(world);
  await observer.look('before');
  await disturb();
  const passes: PassResult[] = [];
  for (;;) {
    const pass = await world.run(['reconcile'], change);
    passes.push(pass);
    if (pass.exitCode === 0) break;
    if (passes.length === MOST_PASSES) throw new Error(`It never ended well.\n${pass.stderr}${pass.stdout}`);
    await mend();
  }
  return { passes, differences: differencesOf(calm, await observer.look('after')) };
}

/** All that a pass said of what went wrong, one sentence a line, with the names of its world taken out. */
export function saidBy({ stderr, stdout, log }: PassResult): readonly string[] {
  const warnings = log.filter((line) => !line.startsWith('info '));
  return [...stderr.split('\n'), ...stdout.split('\n'), ...warnings].map((line) => line.trim());
}

/** The program with deadlines that a test can wait for. */
export function hasty(program: Program, ms: number): Program {
  return {
    ...program,
    cluster: async ({ kubernetes }) =>
      new KubeCluster(new HastyApi(await loadKubeConfig({ ...kubernetes, env: {} }), ms)),
    repository: (config) => openRepository(gitConfig(config, ms)),
    statusBranch: (config) => openStatusBranch(gitConfig(config, ms), config.cluster, program.clock),
  };
}

class HastyApi extends KubeApi {
  readonly #ms: number;

  constructor(connection: ConstructorParameters<typeof KubeApi>[0], ms: number) {
    super(connection);
    this.#ms = ms;
  }

  override async request<Result>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Result> {
    return await super.request(method, path, { timeoutMs: this.#ms, ...options });
  }
}

type Config = Parameters<Program['repository']>[0];

/** How a world's repository is reached, with so much patience for silence. */
export function gitConfig({ repository, cacheDir, password }: Config, ms: number) {
  if (repository === undefined) throw new Error('There is always a repository here.');
  const { url, ref, path, username } = repository;
  return { url, ref, path, username, password, cacheDir, limits: { idleMs: ms } };
}
