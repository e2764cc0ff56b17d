import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { cli } from '../../../reconciler/cli.ts';
import type { KubeObject } from '../../../reconciler/core/kube/object.ts';
import { openProgram } from '../../../reconciler/open-program.ts';
import type { Installation, InstalledObject } from '../../../schemas/output/installation.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { GitRepository } from '../../support/git-repository.ts';
import { startGitServer } from '../../support/git-server.ts';
import type { Ran } from '../../support/installation.ts';

/** A place of its own in a cluster, where a test installs. */
export interface InstallPlace {
  /** Name of the installation. */
  readonly name: string;
  readonly system: string;
  readonly agents: string;
  /** The one namespace that specs may name. */
  readonly app: string;
  readonly repository: GitRepository;
  /** Path of the kubeconfig of the account that was installed for the reconciler. */
  reconciler(): Promise<string>;
  /** Runs a command of the program, as an admin unless told otherwise. */
  run(args: readonly string[], how?: How): Promise<Ran>;
  /** The same with JSON output. Throws what was complained of where none was printed. */
  json<Result = Installation>(args: readonly string[], how?: How): Promise<Result>;
  get(kind: string, namespace: string, name: string): Promise<KubeObject>;
}

export interface How {
  /** Version of the program. */
  readonly version?: string;
  readonly kubeconfig?: string;
  /** Variables of the machine that it runs on, in place of those of the place. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings in place of those of the place. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const CONFIG = 'the-configuration.yaml';
/** Of the version that is installed unless told otherwise. */
const IMAGE = 'registry.example.com/weka-gitops:1.0.0';
const PASSWORD = 'correct-horse';
const FORGE = { kind: 'gitea', url: 'https://git.example.com', repository: 'storage/weka' };

/** Nothing is installed yet. What stands in the cluster goes with the cluster. */
export async function anInstallPlace(
  cluster: Cluster,
  {
    installation = {},
    ...config
  }: Readonly<Record<string, unknown>> & { readonly installation?: object } = {},
): Promise<InstallPlace> {
  const name = `i-${randomBytes(3).toString('hex')}`;
  const [system, agents, app] = [`${name}-system`, `${name}-nodes`, `${name}-app`];
  const server = await startGitServer({ users: { reconciler: PASSWORD } });
  onTestFinished(() => server.stop());
  const repository = await server.createRepository('storage');
  const cacheDir = await mkdtemp(join(tmpdir(), 'weka-gitops-install-'));
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
  const file = {
    cluster: name,
    repository: { url: repository.url, username: 'reconciler' },
    installation: { name, namespace: system, agentNamespace: agents, image: IMAGE, ...installation },
    ceilings: { namespaces: [app] },
    cacheDir,
    ...config,
  };
  const run: InstallPlace['run'] = async (
    args,
    { version = '1.0.0', kubeconfig = cluster.adminKubeconfig(), env, config: other = {} } = {},
  ) => {
    // What is installed sees nothing of this machine, and says so where there is something to be seen.
    const password = args[0] === 'install' ? {} : { WEKA_GITOPS_PASSWORD: PASSWORD };
    // A pass tells its forge of itself, and there is none here.
    const forge = args[0] === 'install' ? FORGE : undefined;
    const text = JSON.stringify({ forge, ...file, kubernetes: { kubeconfig }, ...other });
    let stdout = '';
    let stderr = '';
    const quiet = () => undefined;
    const program = openProgram({
      version,
      host: 'test',
      stopSignal: () => new AbortController().signal,
      env: { WEKA_GITOPS_CONFIG: CONFIG, ...(env ?? password) },
      readFile: async (path) => (path === CONFIG ? text : await readFile(path, 'utf8')),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      console: {
        print: (printed) => void (stdout += printed),
        complain: (said) => void (stderr += said),
        colour: false,
        width: 100,
      },
    });
    return { exitCode: await cli(args, program), stdout, stderr };
  };
  return {
    name,
    system,
    agents,
    app,
    repository,
    reconciler: async () => await cluster.kubeconfigFor({ namespace: system, serviceAccount: name }),
    run,
    async json<Result>(args: readonly string[], how?: How) {
      const { stdout, stderr } = await run([...args, '--output', 'json'], how);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Result;
    },
    async get(kind, namespace, objectName) {
      const { stdout, stderr } = await cluster.kubectl([
        'get',
        kind,
        objectName,
        '-n',
        namespace,
        '-o',
        'json',
      ]);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as KubeObject;
    },
  };
}

/** How many objects came to what. */
export function counts({
  objects,
}: Installation): Readonly<Partial<Record<InstalledObject['result'], number>>> {
  const groups = Map.groupBy(objects, ({ result }) => result);
  return Object.fromEntries([...groups].map(([result, members]) => [result, members.length]));
}

/** Ids of the objects that came to this. */
export function those({ objects }: Installation, result: InstalledObject['result']): readonly string[] {
  return objects.filter((each) => each.result === result).map(({ target }) => target);
}

/** What a plan says of every object, in words. */
export function ops({ changes }: Pick<Plan, 'changes'>): readonly string[] {
  return changes.map(({ op, target }) => `${op} ${target}`);
}
