import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig, Watch } from '@kubernetes/client-node';

/** What the scheduler said of a pod. */
export type Verdict = { readonly node: string } | { readonly refused: string };

interface WatchedPod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** Listens to what becomes of all pods, so that nobody has to ask again and again. */
export class Verdicts {
  readonly #said = new Map<string, Verdict>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #config = new KubeConfig();
  #watch: AbortController | undefined;
  #isStopped = false;

  constructor(kubeconfig: string) {
    this.#config.loadFromFile(kubeconfig);
  }

  async start(): Promise<void> {
    this.#watch = await new Watch(this.#config).watch(
      '/api/v1/pods',
      {},
      (kind: string, pod: WatchedPod) => this.#hear(kind, pod),
      () => {
        if (!this.#isStopped) void this.start();
      },
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch?.abort();
  }

  /** The first thing that the scheduler says of a pod. */
  async first(pod: string, timeoutMs = 60_000): Promise<Verdict> {
    return this.#until(pod, () => true, timeoutMs);
  }

  /** The node of a pod once it has one; what the scheduler said last where it gets none in time. */
  async bound(pod: string, timeoutMs: number): Promise<Verdict> {
    return this.#until(pod, (verdict) => 'node' in verdict, timeoutMs);
  }

  async #until(pod: string, isEnough: (verdict: Verdict) => boolean, timeoutMs: number): Promise<Verdict> {
    const timeout = new AbortController();
    const late = delay(timeoutMs, 'late' as const, { signal: timeout.signal }).catch(() => 'late' as const);
    try {
      for (;;) {
        const verdict = this.#said.get(pod);
        if (verdict !== undefined && isEnough(verdict)) return verdict;
        const news = Promise.withResolvers<'news'>();
        const wake = () => news.resolve('news');
        const waiting = this.#waiting.get(pod) ?? new Set();
        this.#waiting.set(pod, waiting.add(wake));
        if ((await Promise.race([news.promise, late])) === 'late') {
          return this.#said.get(pod) ?? { refused: `nothing for ${timeoutMs / 1000} s` };
        }
      }
    } finally {
      timeout.abort();
      this.#waiting.delete(pod);
    }
  }

  #hear(kind: string, { metadata, spec, status }: WatchedPod): void {
    if (kind === 'BOOKMARK' || kind === 'ERROR') return;
    const pod = `${metadata.namespace}/${metadata.name}`;
    if (kind === 'DELETED') {
      this.#said.delete(pod);
      return;
    }
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (spec.nodeName !== undefined) this.#said.set(pod, { node: spec.nodeName });
    else if (scheduled?.reason === 'Unschedulable') this.#said.set(pod, { refused: scheduled.message ?? '' });
    else return;
    for (const wake of this.#waiting.get(pod) ?? []) wake();
  }
}
