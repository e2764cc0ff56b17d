import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { cli } from '../../reconciler/cli.ts';
import { reviewConfig } from '../../reconciler/commands/review-config.ts';
import { ownComments, type OwnComment, type PlanMarker } from '../../reconciler/core/review/marker.ts';
import type { Comment, CommitStatus } from '../../reconciler/forge-port.ts';
import { openReview, type ReviewOpenOptions } from '../../reconciler/open-review.ts';
import { openProgram, type Process } from '../../reconciler/open-program.ts';
import type { CommitSha } from '../../reconciler/ports.ts';
import { Review } from '../../reconciler/review/review.ts';
import type { OpenedForge } from '../../reconciler/world/forge/open-forge.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { giteaForge } from '../forge/gitea-forge.ts';
import type { Gitea } from '../forge/gitea.ts';
import type { GiteaRepository } from '../forge/gitea-repository.ts';
import type { GiteaUser } from '../forge/gitea-user.ts';
import type { Entry } from './git-repository.ts';
import { AGENT_NAMESPACE, installedPlanner, installedReconciler } from './installed-account.ts';
import type { Ran } from './installation.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A process of the program that goes on until it is stopped. */
export interface ReviewProcess {
  readonly lines: readonly LogLine[];
  /** Ends it as SIGTERM does; gives how it ended. */
  stop(): Promise<Ran>;
}

interface ReviewWorldOptions {
  /** Overrides of the configuration file's top-level settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly review?: Readonly<Record<string, unknown>>;
}

/** A repository on a real Gitea, the cluster that it is about, and everybody who has to do with them. */
export class ReviewWorld {
  readonly name: string;
  readonly namespace: string;
  readonly gitea: Gitea;
  readonly repository: GiteaRepository;
  /** Who owns the repository, who opens pull requests, who else may write, who may only read, and the program. */
  readonly people: Readonly<Record<'owner' | 'author' | 'mate' | 'guest' | 'bot', GiteaUser>>;
  /** The forge as the program sees it. */
  readonly forge: OpenedForge;
  /** Paths of the kubeconfigs of the accounts that are installed. */
  readonly kubeconfigs: Readonly<Record<'reconciler' | 'planner', string>>;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #forgeToken: string;

  /** Everything that it makes goes when the test has finished. */
  static async open(
    cluster: SharedCluster,
    gitea: Gitea,
    { config = {}, review = {} }: ReviewWorldOptions = {},
  ): Promise<ReviewWorld> {
    const name = `r-${randomBytes(3).toString('hex')}`;
    const systemNamespace = `${name}-system`;
    onTestFinished(() => cluster.deleteNamespace(systemNamespace));
    const [namespace, reconciler, planner] = await Promise.all([
      cluster.namespace(),
      installedReconciler(cluster, { name, namespace: systemNamespace }),
      installedPlanner(cluster),
    ]);
    onTestFinished(() => reconciler.remove());
    const cacheDir = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
    onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
    const [owner, author, mate, guest, bot] = await Promise.all([
      gitea.user('owner'),
      gitea.user('author'),
      gitea.user('mate'),
      gitea.user('guest'),
      gitea.user('bot'),
    ]);
    const repository = await gitea.repository(owner, 'storage');
    await Promise.all([author, mate, bot].map((user) => repository.allow(user, 'write')));
    const file = {
      cluster: name,
      repository: { url: repository.url, username: bot.name },
      installation: { name, namespace: systemNamespace, agentNamespace: AGENT_NAMESPACE },
      cacheDir,
      run: { pollSeconds: 1, listen: '127.0.0.1:0' },
      forge: { kind: 'gitea' },
      review: { settleSeconds: 1, ...review },
      ...config,
    };
    const forge = await giteaForge(repository, bot.token);
    const people = { owner, author, mate, guest, bot };
    const kubeconfigs = { reconciler: reconciler.kubeconfig, planner: planner.kubeconfig };
    return new ReviewWorld({ name, namespace, gitea, repository, people, forge, kubeconfigs }, file);
  }

  constructor(
    facts: Pick<
      ReviewWorld,
      'name' | 'namespace' | 'gitea' | 'repository' | 'people' | 'forge' | 'kubeconfigs'
    >,
    file: Readonly<Record<string, unknown>>,
    forgeToken = facts.people.bot.token,
  ) {
    this.name = facts.name;
    this.namespace = facts.namespace;
    this.gitea = facts.gitea;
    this.repository = facts.repository;
    this.people = facts.people;
    this.forge = facts.forge;
    this.kubeconfigs = facts.kubeconfigs;
    this.#file = file;
    this.#forgeToken = forgeToken;
  }

  get context(): string {
    return `weka-gitops/${this.name}`;
  }

  /** The same with other settings, as a second process beside it has. */
  beside(config: Readonly<Record<string, unknown>>): ReviewWorld {
    return new ReviewWorld(this, { ...this.#file, ...config });
  }

  /** The same with another token for the forge. */
  withForgeToken(token: string): ReviewWorld {
    return new ReviewWorld(this, this.#file, token);
  }

  /** The same with its forge, and nothing else, behind another address. */
  through(url: string): ReviewWorld {
    return this.beside({ forge: { kind: 'gitea', url, repository: this.repository.fullName } });
  }

  /** Runs a command as a user would; the configuration is given. */
  async run(...args: readonly string[]): Promise<Ran> {
    return await this.#run(args, new AbortController().signal, []);
  }

  /** Starts a command that goes on; it is stopped at the end of the test at the latest. */
  start(...args: readonly string[]): ReviewProcess {
    const stop = new AbortController();
    const lines: LogLine[] = [];
    const ended = this.#run(args, stop.signal, lines);
    const end = async () => {
      stop.abort(new Error('SIGTERM'));
      return await ended;
    };
    onTestFinished(async () => void (await end()));
    return { lines, stop: end };
  }

  startReview(): ReviewProcess {
    return this.start('run', '--only', 'review');
  }

  /** Pushes a branch and opens a pull request of it, as the author does. */
  async propose(branch: string, files: Readonly<Record<string, Entry>>): Promise<number> {
    const { author } = this.people;
    await this.repository.pushBranch(branch, files, { as: author });
    return await this.repository.openPullRequest({ head: branch, as: author });
  }

  async comments(number: number): Promise<readonly Comment[]> {
    return await this.forge.comments(number);
  }

  /** Our comments that tell the plan. */
  async plans(number: number): Promise<readonly OwnComment<PlanMarker>[]> {
    return ownComments(await this.comments(number), {
      self: this.people.bot.name,
      repository: this.repository.fullName,
      cluster: this.name,
      kind: 'plan',
    });
  }

  /** Waits for the one comment that tells the plan to be so. */
  async plan(
    number: number,
    what: string,
    isSo: (comment: Comment, marker: PlanMarker) => boolean = () => true,
  ): Promise<OwnComment<PlanMarker>> {
    return await until(`a plan on pull request ${number} that ${what}`, async () => {
      const [first] = await this.plans(number);
      return first !== undefined && isSo(first.comment, first.marker) ? first : undefined;
    });
  }

  async status(commit: string): Promise<CommitStatus | undefined> {
    return await this.forge.commitStatus(commit as CommitSha, this.context);
  }

  /** Waits for the commit status to be so. */
  async statusOf(commit: string, state: CommitStatus['state'], words = /^/): Promise<CommitStatus> {
    let seen: CommitStatus | undefined;
    try {
      return await until(`${state} ${words} at ${commit}`, async () => {
        seen = await this.status(commit);
        return seen?.state === state && words.test(seen.description) ? seen : undefined;
      });
    } catch (cause) {
      throw new Error(`It is ${JSON.stringify(seen)}.`, { cause });
    }
  }

  /** What a planner of pull requests reaches the world through, and a planner. Whoever asks disposes of it. */
  async review(options: ReviewOpenOptions = {}, lines: LogLine[] = []) {
    const process = this.#process('planner', new AbortController().signal, lines);
    const program = openProgram(process);
    const config = await program.config({});
    const duty = await openReview(config, process, options);
    return { duty, review: new Review(duty, reviewConfig(config, program, duty.forge)) };
  }

  async #run(args: readonly string[], stop: AbortSignal, lines: LogLine[]): Promise<Ran> {
    let stdout = '';
    let stderr = '';
    const program = openProgram({
      ...this.#process(isPlanning(args) ? 'planner' : 'reconciler', stop, lines),
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

  #process(account: 'reconciler' | 'planner', stop: AbortSignal, lines: LogLine[]): Process {
    const { bot } = this.people;
    const config = { kubernetes: { kubeconfig: this.kubeconfigs[account] }, ...this.#file };
    const log = (level: LogLine['level']) => (fields: object, message: string) =>
      void lines.push({ level, message, ...fields });
    return {
      version: '0.0.0-test',
      host: 'test',
      stopSignal: () => stop,
      env: {
        WEKA_GITOPS_CONFIG: CONFIG,
        WEKA_GITOPS_PASSWORD: bot.token,
        WEKA_GITOPS_FORGE_TOKEN: this.#forgeToken,
      },
      readFile: (path) =>
        path === CONFIG ? Promise.resolve(JSON.stringify(config)) : readFile(path, 'utf8'),
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      console: { print: () => undefined, complain: () => undefined, colour: false, width: 100 },
    };
  }
}

/** Whether a command only shows what would be done, which is what the planner of pull requests is for. */
function isPlanning(args: readonly string[]): boolean {
  return args.includes('review') || args.includes('--post-comment');
}

const CONFIG = 'the-configuration.yaml';
