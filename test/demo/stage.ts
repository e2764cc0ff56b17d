import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { freePort } from '../cluster/ports.ts';
import { isRunning } from '../cluster/processes.ts';
import type { Result } from '../cluster/run.ts';
import { until } from '../cluster/until.ts';
import { runGit } from '../support/git-command.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';
import { installedReconciler } from '../support/installed-account.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALLATION = {
  name: 'weka-gitops',
  namespace: 'weka-gitops-system',
  agentNamespace: 'weka-gitops-nodes',
};
const NODES = 12;
/** Nodes of the newer kernel, for which drivers are built. */
const UPGRADED = 8;

/** A process that was started and has not ended. */
export interface Started {
  /** Sends it SIGTERM, and waits for its end. */
  stop(): Promise<{ readonly log: string; readonly exitCode: number | null }>;
}

/** A real cluster, a real git server and an author's clone, all on this machine and for one story. */
export class Stage {
  readonly controlPlane: ControlPlane;
  readonly repository: string;
  /** The author's clone of the repository. */
  readonly clone: string;
  readonly #folder: string;
  readonly #gitServer: GitServer;
  readonly #children: Children;
  readonly #cleanAtExit: () => void;
  #over = false;

  private constructor(
    parts: Pick<Stage, 'controlPlane' | 'repository' | 'clone'>,
    held: {
      readonly folder: string;
      readonly gitServer: GitServer;
      readonly children: Children;
      readonly cleanAtExit: () => void;
    },
  ) {
    this.controlPlane = parts.controlPlane;
    this.repository = parts.repository;
    this.clone = parts.clone;
    this.#folder = held.folder;
    this.#gitServer = held.gitServer;
    this.#children = held.children;
    this.#cleanAtExit = held.cleanAtExit;
  }

  /** Brings everything up; `note` is told what is done. On a failure, what was up goes down again. */
  static async set(note: (text: string) => void): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-demo-'));
    const children = new Children();
    // Whoever presses Ctrl-C once more ends this process at once.
    const cleanAtExit = () => {
      children.killAtExit();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    process.once('exit', cleanAtExit);
    const undo: (() => Promise<void>)[] = [];
    try {
      note('Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and KWOK …');
      const controlPlane = await startControlPlane({ kwok: true });
      undo.push(() => controlPlane.stop());
      await controlPlane.addNodes(
        Array.from({ length: NODES }, (_, index) => ({
          name: `node-${index + 1}`,
          labels: { 'weka.io/kernel': index < UPGRADED ? '6.8.0-87-generic' : '5.15.0-91-generic' },
        })),
      );
      const account = await installedReconciler(controlPlane, INSTALLATION);
      note(`Kubernetes is ready at ${controlPlane.server}, with ${NODES} simulated nodes.`);

      const password = randomBytes(12).toString('hex');
      const gitServer = await startGitServer({ users: { demo: password } });
      undo.push(() => gitServer.stop());
      const { url } = await gitServer.createRepository('storage');
      note(`The git server is ready; the repository is ${url}.`);

      const clone = join(folder, 'clone');
      await mkdir(clone);
      await runGit(clone, ['init', '--quiet', '--initial-branch=main', '.']);
      await runGit(clone, ['remote', 'add', 'origin', url.replace('://', `://demo:${password}@`)]);
      await cp(join(ROOT, 'examples-repo'), clone, { recursive: true });

      await writeFile(join(folder, 'password'), password, { mode: 0o600 });
      const config = {
        cluster: 'demo',
        repository: { url, username: 'demo', passwordFile: join(folder, 'password') },
        kubernetes: { kubeconfig: account.kubeconfig },
        installation: INSTALLATION,
        run: { pollSeconds: 1, listen: `127.0.0.1:${await freePort()}` },
        cacheDir: join(folder, 'cache'),
      };
      await writeFile(join(folder, 'weka-gitops.yaml'), JSON.stringify(config, null, 2));
      return new Stage(
        { controlPlane, repository: url, clone },
        { folder, gitServer, children, cleanAtExit },
      );
    } catch (error) {
      for (const step of undo.toReversed()) await step();
      cleanAtExit();
      process.off('exit', cleanAtExit);
      throw error;
    }
  }

  /** The configuration file that weka-gitops runs with. */
  get config(): string {
    return join(this.#folder, 'weka-gitops.yaml');
  }

  /** Starts weka-gitops as a process that goes on until it is sent SIGTERM. */
  start(args: readonly string[]): Started {
    const child = this.#start(args, { logLevel: 'info' });
    child.stdout.resume();
    const log = text(child.stderr);
    return {
      stop: async () => {
        child.kill('SIGTERM');
        return { log: await log, exitCode: await this.#children.ended(child) };
      },
    };
  }

  /** Runs weka-gitops, the program itself, as a process of its own. */
  async wekaGitops(args: readonly string[], width: number): Promise<Result> {
    const child = this.#start(args, { logLevel: 'warn', columns: width });
    const [stdout, stderr, exitCode] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      this.#children.ended(child),
    ]);
    this.#assertThere();
    return { stdout, stderr, exitCode: exitCode ?? -1 };
  }

  /** Waits until something is so, and gives up as soon as the stage is gone. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await until(what, async () => this.#over || (await isSo()));
    this.#assertThere();
  }

  async git(args: readonly string[]): Promise<string> {
    this.#assertThere();
    return runGit(this.clone, args);
  }

  /** Ends every process and removes every file. */
  async stop(): Promise<void> {
    this.#over = true;
    // What still runs could make its files anew.
    await this.#children.kill();
    await Promise.all([this.controlPlane.stop(), this.#gitServer.stop()]);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', this.#cleanAtExit);
  }

  #start(
    args: readonly string[],
    { logLevel, columns }: { readonly logLevel: string; readonly columns?: number },
  ): ChildProcessByStdio<null, Readable, Readable> {
    this.#assertThere();
    const child = spawn(process.execPath, [join(ROOT, 'reconciler/main.ts'), ...args], {
      env: {
        ...process.env,
        WEKA_GITOPS_CONFIG: this.config,
        WEKA_GITOPS_LOG_LEVEL: logLevel,
        NO_COLOR: '1',
        ...(columns === undefined ? {} : { COLUMNS: String(columns) }),
      },
      cwd: this.clone,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    return child;
  }

  #assertThere(): void {
    if (this.#over) throw new Error('The stage is gone.');
  }
}

/** How long a killed process may take to be gone, when nothing else can be waited for. */
const GONE_WITHIN_MS = 2_000;

/** Processes that were started and have not ended. */
class Children {
  readonly #running = new Map<ChildProcess, Promise<number | null>>();

  add(child: ChildProcess): void {
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    this.#running.set(child, ended);
    void ended.then(() => this.#running.delete(child));
  }

  /** Its exit code, once it has ended. */
  ended(child: ChildProcess): Promise<number | null> {
    return this.#running.get(child) ?? Promise.resolve(child.exitCode);
  }

  async kill(): Promise<void> {
    for (const child of this.#running.keys()) child.kill('SIGKILL');
    await Promise.all(this.#running.values());
  }

  /** The same for a process that is about to exit, and waits for nothing any more but in this way. */
  killAtExit(): void {
    for (const child of this.#running.keys()) child.kill('SIGKILL');
    const isThere = ({ pid }: ChildProcess) => pid !== undefined && isRunning(pid);
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    for (let ms = 0; ms < GONE_WITHIN_MS && [...this.#running.keys()].some(isThere); ms += 10) {
      Atomics.wait(nothing, 0, 0, 10);
    }
  }
}
