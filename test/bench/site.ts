import { rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { applySetId } from '../../reconciler/core/desired/ownership.ts';
import { freePort } from '../cluster/ports.ts';
import { until } from '../cluster/until.ts';
import type { GitRepository } from '../support/git-repository.ts';
import type { Bed } from './bed.ts';
import { type Ended, spawnMeasured, timed } from './process.ts';
import type { Job } from './raw-patch.ts';
import type { Relisted, RelistJob } from './relist.ts';
import { Running } from './running.ts';

/** As often as it may be: the bench waits for polls. */
const POLL_SECONDS = 1;

/** What its configuration says besides the usual. */
interface SiteOptions {
  readonly installation?: { readonly agentNamespace: string };
  readonly ceilings?: { readonly driverRegistries: readonly string[] };
}

/** One installation of the program: a repository, a namespace that its manifests may use, and a clone of its own. */
export class Site {
  readonly bed: Bed;
  readonly namespace: string;
  readonly repository: GitRepository;
  /** Folder with the manifests, as kubectl takes them. */
  readonly manifests: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #port: number;

  /** A new one, with nothing in the cluster yet but an empty namespace. */
  static async open(bed: Bed, { installation, ceilings }: SiteOptions = {}): Promise<Site> {
    const namespace = await bed.cluster.createNamespace();
    const folder = join(bed.folder, namespace);
    await mkdir(join(folder, 'manifests'), { recursive: true });
    const repository = await bed.git.createRepository(namespace);
    const port = await freePort();
    const systemNamespace = `${namespace}-system`;
    await bed.install(namespace, systemNamespace);
    const config = {
      cluster: namespace,
      repository: { url: repository.url },
      kubernetes: { kubeconfig: bed.kubeconfig },
      installation: { name: namespace, namespace: systemNamespace, ...installation },
      ...(ceilings && { ceilings }),
      cacheDir: join(folder, 'clone'),
      run: { pollSeconds: POLL_SECONDS, listen: `127.0.0.1:${port}` },
    };
    await writeFile(join(folder, 'config.yaml'), stringify(config));
    return new Site(bed, namespace, repository, folder, port);
  }

  private constructor(bed: Bed, namespace: string, repository: GitRepository, folder: string, port: number) {
    this.bed = bed;
    this.namespace = namespace;
    this.repository = repository;
    this.manifests = join(folder, 'manifests');
    this.#env = { WEKA_GITOPS_CONFIG: join(folder, 'config.yaml'), HOME: bed.folder };
    this.#port = port;
  }

  /** Writes manifests to the repository and to the folder. */
  async write(manifests: Readonly<Record<string, string>>): Promise<void> {
    await this.repository.commit(manifests);
    for (const [path, text] of Object.entries(manifests)) await writeFile(join(this.manifests, path), text);
  }

  /** Runs the program to its end. Throws where it came to trouble. */
  async run(...args: readonly string[]): Promise<Ended> {
    const ended = await spawnMeasured(this.bed.program, args, this.#env);
    if (ended.exitCode === 2) throw new Error(`weka-gitops ${args.join(' ')} failed.\n${ended.stderr}`);
    return ended;
  }

  /** Lets the program run unattended. Whoever asks stops it. */
  async start(): Promise<Running> {
    return await Running.start(this.bed.program, this.#env, this.#port);
  }

  /** Gives up the clone, so that the next run fetches all of the repository. */
  forgetClone(): void {
    rmSync(join(this.bed.folder, this.namespace, 'clone'), { recursive: true, force: true });
  }

  /** Seconds of a kubectl command over the manifests, by the same account. */
  async kubectl(...args: readonly string[]): Promise<number> {
    const { cluster, kubeconfig } = this.bed;
    const { seconds, result } = await timed(() =>
      cluster.kubectl([...args, '--server-side', '-f', this.manifests], { kubeconfig }),
    );
    // `kubectl diff` ends with 1 where there are differences.
    const isFine = result.exitCode === 0 || (args[0] === 'diff' && result.exitCode === 1);
    if (!isFine) throw new Error(`kubectl ${args.join(' ')} failed.\n${result.stderr}`);
    return seconds;
  }

  /** Seconds of sending the manifests raw: as a whole process, and of the loop alone. */
  async rawPatch(
    manifests: Readonly<Record<string, string>>,
    concurrency: number,
  ): Promise<{ readonly seconds: number; readonly loop: number }> {
    const job = join(this.bed.folder, `${this.namespace}.json`);
    await writeFile(job, JSON.stringify(await this.#job(manifests)));
    const { rawPatch } = this.bed;
    const { seconds, stdout, stderr, exitCode } = await spawnMeasured(rawPatch, [job, `${concurrency}`], {});
    if (exitCode !== 0) throw new Error(`Raw requests failed.\n${stderr}`);
    return { seconds, loop: Number(stdout) };
  }

  /** Lets everything of this installation be listed anew, so many times. */
  async relist(objects: number, times: number): Promise<Relisted & Pick<Ended, 'peakMiB'>> {
    const { folder, kubeconfig, relist } = this.bed;
    const { namespace } = this;
    const applySet = applySetId({ name: namespace, namespace: `${namespace}-system` });
    const job: RelistJob = { kubeconfig, namespace, applySet, objects, times };
    const file = join(folder, `${namespace}-relist.json`);
    await writeFile(file, JSON.stringify(job));
    const { stdout, stderr, exitCode, peakMiB } = await spawnMeasured(relist, [file], {});
    if (exitCode !== 0) throw new Error(`Listing anew failed.\n${stderr}`);
    return { ...(JSON.parse(stdout) as Relisted), peakMiB };
  }

  /**
   * Writes manifests right after a poll of the program that runs, so that the next one is the first that can find
   * them, and gives the time at which that one came.
   */
  async push(manifests: Readonly<Record<string, string>>): Promise<number> {
    const { git } = this.bed;
    const isOurs = ({ url }: { readonly url: string }) => url.includes(this.namespace);
    git.clearRequests();
    await until('a poll', () => git.requests.some((each) => isOurs(each) && each.downloaded > 0));
    const fetched = Promise.withResolvers<number>();
    let polledAt = 0;
    const forget = git.onRequest((request) => {
      if (!isOurs(request)) return undefined;
      if (request.url.includes('info/refs')) polledAt = Date.now();
      else fetched.resolve(polledAt);
      return undefined;
    });
    await this.write(manifests);
    const foundAt = await fetched.promise;
    forget();
    return foundAt;
  }

  async #job(manifests: Readonly<Record<string, string>>): Promise<Job> {
    const { clusters, users } = parse(await readFile(this.bed.kubeconfig, 'utf8')) as {
      clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
      users: [{ user: { token: string } }];
    };
    const [{ cluster }] = clusters;
    return {
      server: cluster.server,
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
      token: users[0].user.token,
      configMaps: Object.values(manifests).map((text) => parse(text) as Job['configMaps'][number]),
    };
  }

  /** Writes what no manifest names into one of the objects, as another manager. */
  async touch(value: string): Promise<void> {
    const { cluster } = this.bed;
    const name = 'configmap/settings-00000';
    const annotation = `example.com/seen=${value}`;
    const { exitCode, stderr } = await cluster.kubectl([
      'annotate',
      '--overwrite',
      '-n',
      this.namespace,
      name,
      annotation,
    ]);
    if (exitCode !== 0) throw new Error(`kubectl annotate failed.\n${stderr}`);
  }

  /** Deletes every ConfigMap of the manifests, and waits until none is left. */
  async clear(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}/configmaps`;
    // Kubernetes makes this one anew at once.
    const mine = 'fieldSelector=metadata.name!=kube-root-ca.crt';
    await until(
      `no ConfigMaps in ${this.namespace}`,
      async () => {
        await this.bed.cluster.api.text('DELETE', `${path}?${mine}`);
        const { items } = await this.bed.cluster.api.json<{ items: unknown[] }>(
          'GET',
          `${path}?${mine}&limit=1`,
        );
        return items.length === 0;
      },
      { timeoutMs: 120_000 },
    );
  }
}
