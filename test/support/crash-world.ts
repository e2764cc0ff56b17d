import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { cli } from '../../reconciler/cli.ts';
import { openProgram } from '../../reconciler/open-program.ts';
import type { Clock, Log } from '../../reconciler/ports.ts';
import type { Program } from '../../reconciler/program.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { GitRepository } from './git-repository.ts';
import type { GitServer } from './git-server.ts';
import { AGENT_NAMESPACE, type InstalledAccount, installedReconciler } from './installed-account.ts';

/** What one run of the program printed, and how it ended. */
export interface PassResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `level message`, and the fields, one line each, as the log has them. */
  readonly log: readonly string[];
}

export interface WorldOptions {
  readonly cluster: Cluster;
  readonly server: GitServer;
  readonly password: string;
}

/**
 * One installation of the program with a repository and namespaces of its own, on parts that others use as well. A pass
 * in it is a new process as far as can be seen from outside: nothing is kept but the clone on disk.
 */
export class World implements AsyncDisposable {
  /** Six hexadecimal digits, in the name of all that is made for it. */
  readonly id: string;
  readonly cluster: Cluster;
  readonly server: GitServer;
  readonly repository: GitRepository;
  /** The account that pushes to the repository. */
  readonly password: string;
  /** Its account, with the rights that are installed and no others. */
  readonly account: InstalledAccount;
  cacheDir: string;
  kubeconfig: string;
  /** Where the program looks for the repository. */
  url: string;

  static async make(options: WorldOptions): Promise<World> {
    const id = randomBytes(3).toString('hex');
    const [repository, cacheDir, account] = await Promise.all([
      options.server.createRepository(`storage-${id}`),
      mkdtemp(join(tmpdir(), 'weka-gitops-world-')),
      installedReconciler(options.cluster, { name: `w-${id}`, namespace: `w-${id}-system` }),
    ]);
    return new World({ id, repository, cacheDir, account }, options);
  }

  private constructor(
    { id, repository, cacheDir, account }: Pick<World, 'id' | 'repository' | 'cacheDir' | 'account'>,
    options: WorldOptions,
  ) {
    this.id = id;
    this.cluster = options.cluster;
    this.server = options.server;
    this.repository = repository;
    this.password = options.password;
    this.cacheDir = cacheDir;
    this.url = repository.url;
    this.account = account;
    this.kubeconfig = account.kubeconfig;
  }

  /** The namespace that the manifests use. They make it themselves. */
  get namespace(): string {
    return `w-${this.id}`;
  }

  /** The other one of those. */
  get monitoringNamespace(): string {
    return `w-${this.id}-monitoring`;
  }

  get systemNamespace(): string {
    return `w-${this.id}-system`;
  }

  get statusRef(): string {
    return `refs/heads/weka-gitops/status/w-${this.id}`;
  }

  /** What the configuration file would hold. */
  config(): object {
    return {
      cluster: `w-${this.id}`,
      repository: { url: this.url, username: 'reconciler' },
      kubernetes: { kubeconfig: this.kubeconfig },
      installation: {
        name: `w-${this.id}`,
        namespace: this.systemNamespace,
        agentNamespace: AGENT_NAMESPACE,
      },
      cacheDir: this.cacheDir,
    };
  }

  /** Environment of a process of its own, beside the file whose path is `config`. */
  environment(config: string): Record<string, string> {
    return { WEKA_GITOPS_CONFIG: config, WEKA_GITOPS_PASSWORD: this.password };
  }

  /** Runs a command in a fresh program; `change` may put something between it and the world. */
  async run(
    args: readonly string[] = ['reconcile', '--output', 'json'],
    change: (program: Program) => Program = (program) => program,
  ): Promise<PassResult> {
    let stdout = '';
    let stderr = '';
    const log: string[] = [];
    const program = openProgram({
      host: 'test',
      stopSignal: () => new AbortController().signal,
      version: packageJson.version,
      env: this.environment(CONFIG),
      readFile: (path) =>
        path === CONFIG
          ? Promise.resolve(JSON.stringify(this.config()))
          : Promise.reject(new Error(`${path} is not there.`)),
      log: logInto(log),
      console: {
        print: (text) => void (stdout += text),
        complain: (text) => void (stderr += text),
        colour: false,
        width: 100,
      },
    });
    const exitCode = await cli(args, change(program));
    return { exitCode, stdout, stderr, log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { cluster } = this;
    await Promise.all([
      rm(this.cacheDir, { recursive: true, force: true }),
      rm(this.repository.path, { recursive: true, force: true }),
      cluster.deleteNamespace(this.namespace),
      cluster.deleteNamespace(this.monitoringNamespace),
      cluster.deleteNamespace(this.systemNamespace),
      this.account.remove(),
    ]);
    const { namespace } = this;
    const clusterWide = [
      `persistentvolume/${namespace}`,
      `storageclass/${namespace}`,
      `priorityclass/${namespace}-targeted-no-evict`,
      `priorityclass/${namespace}-initial-no-evict`,
    ];
    await cluster.kubectl(['delete', ...clusterWide, '--ignore-not-found', '--wait=false']);
  }
}

/** The program with another clock. */
export function withClock(program: Program, clock: Clock): Program {
  return { ...program, clock };
}

const CONFIG = 'the-configuration.yaml';

function logInto(lines: string[]): Log {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
}
