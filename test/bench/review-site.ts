import { createHmac, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../cluster/ports.ts';
import { GiteaRepository } from '../forge/gitea-repository.ts';
import type { GiteaServer } from '../forge/gitea-server.ts';
import { createUser } from '../forge/gitea-user.ts';
import type { Bed } from './bed.ts';
import { type Ended, spawnMeasured } from './process.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { Running } from './running.ts';

const SECRET = 'It is a secret to everybody';

interface ReviewSiteOptions {
  readonly repository: { readonly url: string; readonly username?: string };
  readonly forge: Readonly<Record<string, string>>;
  /** Of the account that reads the repository and writes comments. */
  readonly token: string;
  readonly pollSeconds: number;
}

/** An installation whose pull requests are planned, and a namespace that its manifests may use. */
export class ReviewSite {
  readonly namespace: string;
  readonly #bed: Bed;
  readonly #env: Readonly<Record<string, string>>;
  readonly #port: number;

  static async open(
    bed: Bed,
    { repository, forge, token, pollSeconds }: ReviewSiteOptions,
  ): Promise<ReviewSite> {
    const namespace = await bed.cluster.createNamespace();
    const folder = join(bed.folder, namespace);
    await mkdir(folder);
    const port = await freePort();
    const systemNamespace = `${namespace}-system`;
    await bed.install(namespace, systemNamespace);
    const config = {
      cluster: namespace,
      repository,
      kubernetes: { kubeconfig: bed.plannerKubeconfig },
      installation: { name: namespace, namespace: systemNamespace },
      cacheDir: join(folder, 'clone'),
      run: { pollSeconds, listen: `127.0.0.1:${port}` },
      forge,
    };
    const file = join(folder, 'config.yaml');
    await writeFile(file, stringify(config));
    const env = {
      WEKA_GITOPS_CONFIG: file,
      WEKA_GITOPS_PASSWORD: token,
      WEKA_GITOPS_FORGE_TOKEN: token,
      WEKA_GITOPS_WEBHOOK_SECRET: SECRET,
      HOME: bed.folder,
    };
    return new ReviewSite(bed, namespace, env, port);
  }

  private constructor(bed: Bed, namespace: string, env: Readonly<Record<string, string>>, port: number) {
    this.#bed = bed;
    this.namespace = namespace;
    this.#env = env;
    this.#port = port;
  }

  /** Makes the cluster as the repository says. */
  async reconcile(): Promise<void> {
    const { exitCode, stdout, stderr }: Ended = await spawnMeasured(
      this.#bed.program,
      ['reconcile', '--kubeconfig', this.#bed.kubeconfig],
      this.#env,
    );
    if (exitCode !== 0) throw new Error(`weka-gitops reconcile failed.\n${stdout}\n${stderr}`);
  }

  /** Starts the planner of pull requests. Whoever asks stops it. */
  async start(): Promise<Running> {
    return await Running.start(this.#bed.program, this.#env, this.#port, ['--only', 'review']);
  }

  /** Deletes every ConfigMap of the manifests. */
  async clear(): Promise<void> {
    const { namespace } = this;
    await this.#bed.cluster.api.text('DELETE', `/api/v1/namespaces/${namespace}/configmaps`);
  }

  /** Tells the planner that something has happened, as a forge does. */
  async hint(repository: string): Promise<void> {
    // What was heard before is not heard again.
    const id = randomUUID();
    const body = JSON.stringify({ id, repository: { full_name: repository } });
    const response = await fetch(`http://127.0.0.1:${this.#port}/webhook`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-gitea-event': 'pull_request',
        'x-gitea-delivery': id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
      },
      body,
    });
    if (response.status !== 202) throw new Error(`The planner answers ${response.status} to the webhook.`);
  }
}

/** The same on a Gitea, with a proxy between both that sees all that the planner asks for. */
export interface GiteaSite {
  readonly site: ReviewSite;
  readonly repository: GiteaRepository;
  readonly proxy: RecordingProxy;
}

export async function openGiteaSite(
  bed: Bed,
  { address }: GiteaServer,
  pollSeconds: number,
): Promise<GiteaSite> {
  const [owner, bot] = await Promise.all(
    ['owner', 'bot'].map((name) => createUser(address.url, address.token, name)),
  );
  const repository = await GiteaRepository.create(address, owner!, 'storage');
  await repository.allow(bot!, 'write');
  const proxy = await RecordingProxy.start(address.url);
  const site = await ReviewSite.open(bed, {
    repository: { url: `${proxy.url}/${repository.fullName}.git`, username: bot!.name },
    forge: { kind: 'gitea' },
    token: bot!.token,
    pollSeconds,
  });
  return { site, repository, proxy };
}
