import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { cli } from '../../reconciler/cli.ts';
import { openProgram } from '../../reconciler/open-program.ts';
import type { Findings } from '../../schemas/output/finding.ts';
import type { Plan } from '../../schemas/output/plan.ts';
import type { Report } from '../../schemas/output/report.ts';
import type { Status } from '../../schemas/output/status.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import type { FaultServer } from './fault-server.ts';
import type { GitRepository } from './git-repository.ts';
import { startGitServer, type GitServer } from './git-server.ts';
import { AGENT_NAMESPACE, type InstalledRights, installedReconciler } from './installed-account.ts';

/** What a command printed, and how it ended. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Outputs {
  readonly validate: Findings;
  readonly plan: Plan;
  readonly reconcile: Report;
  readonly status: Status;
}

/** One installation of the program: a repository on a real server, and namespaces of a real cluster of its own. */
export interface Installation {
  readonly repository: GitRepository;
  readonly server: GitServer;
  /** The namespace that its manifests may use. */
  readonly namespace: string;
  /** Where it keeps its own objects. */
  readonly systemNamespace: string;
  /** Ref of its status branch. */
  readonly statusRef: string;
  /** Path of the kubeconfig of its account, which has the rights that are installed and no others. */
  readonly kubeconfig: string;
  /** Runs a command as a user would; the configuration is given. */
  run(...args: readonly string[]): Promise<Ran>;
  /** Starts a command that goes on until it is stopped, as by SIGTERM. */
  start(...args: readonly string[]): Running;
  /** The same installation with other settings, as a second process beside it has. */
  beside(config: Readonly<Record<string, unknown>>): Installation;
  /** Runs a command with JSON output. Throws what it complained of where it printed none. */
  json<Verb extends keyof Outputs>(verb: Verb, ...args: readonly string[]): Promise<Outputs[Verb]>;
}

export interface Running {
  stop(): void;
  readonly ended: Promise<Ran>;
}

export interface InstallationOptions {
  /** Overrides of the configuration file's top-level settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What stands between it and the API server. */
  readonly faults?: FaultServer;
  /** Of another account than the one that is installed. */
  readonly kubeconfig?: string;
}

const PASSWORD = 'correct-horse';

/** Everything that it makes goes when the test has finished. */
export async function anInstallation(
  cluster: SharedCluster,
  { config = {}, faults, ...options }: InstallationOptions = {},
): Promise<Installation> {
  const name = `i-${randomBytes(3).toString('hex')}`;
  const systemNamespace = `${name}-system`;
  const opened = (config['ceilings'] ?? {}) as Pick<InstalledRights, 'kinds' | 'namespaces'>;
  onTestFinished(() => cluster.deleteNamespace(systemNamespace));
  const [namespace, account, server] = await Promise.all([
    cluster.namespace(),
    installedReconciler(cluster, { ...opened, name, namespace: systemNamespace }),
    startGitServer({ users: { reconciler: PASSWORD } }),
  ]);
  onTestFinished(() => account.remove());
  onTestFinished(() => server.stop());
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const way =
    faults === undefined ? account.kubeconfig : await faults.kubeconfig(join(folder, 'kubeconfig'), account);
  const kubeconfig = options.kubeconfig ?? way;

  const repository = await server.createRepository('storage');
  const file = {
    cluster: name,
    repository: { url: repository.url, username: 'reconciler' },
    kubernetes: { kubeconfig },
    installation: { name, namespace: systemNamespace, agentNamespace: AGENT_NAMESPACE },
    cacheDir: join(folder, 'cache'),
    ...config,
  };
  const facts = {
    repository,
    server,
    namespace,
    systemNamespace,
    statusRef: `refs/heads/weka-gitops/status/${name}`,
    kubeconfig,
  };
  return withCommands(facts, file);
}

type Facts = Omit<Installation, 'run' | 'start' | 'beside' | 'json'>;

function withCommands(facts: Facts, file: Readonly<Record<string, unknown>>): Installation {
  const env = { WEKA_GITOPS_CONFIG: CONFIG, WEKA_GITOPS_PASSWORD: PASSWORD };
  const run = (...args: readonly string[]) => runCli(args, env, JSON.stringify(file));
  return {
    ...facts,
    run,
    start(...args) {
      const stop = new AbortController();
      const ended = runCli(args, env, JSON.stringify(file), stop.signal);
      return { stop: () => stop.abort(new Error('SIGTERM')), ended };
    },
    beside: (config) => withCommands(facts, { ...file, ...config }),
    async json(verb, ...args) {
      const { stdout, stderr } = await run(verb, '--output', 'json', ...args);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Outputs[typeof verb];
    },
  };
}

const CONFIG = 'the-configuration.yaml';

/** Runs a command of the program within this process, with what it prints caught. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  config = '{}',
  stop: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const quiet = () => undefined;
  const program = openProgram({
    version: '0.0.0-test',
    host: 'test',
    stopSignal: () => stop,
    env,
    readFile: (path) => (path === CONFIG ? Promise.resolve(config) : readFile(path, 'utf8')),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    console: {
      print: (text) => void (stdout += text),
      complain: (text) => void (stderr += text),
      colour: false,
      width: 100,
    },
  });
  const exitCode = await cli(args, program);
  return { exitCode, stdout, stderr };
}

/** The plan or the report in words, one line for each change that is not a `keep`. */
export function told({ changes }: { readonly changes: Plan['changes'] }): readonly string[] {
  return changes
    .filter(({ op }) => op !== 'keep')
    .map(({ op, target, fields }) => {
      const what = fields.map(({ path }) => path).join(', ');
      return `${op} ${target}${what === '' ? '' : ` (${what})`}`;
    });
}
