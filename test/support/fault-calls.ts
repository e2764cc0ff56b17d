import { KubeApi, type RequestOptions, type WatchOptions } from '../../reconciler/world/kubeapi/kube-api.ts';
import type { WatchEvent } from '../../reconciler/world/kubeapi/watch-events.ts';
import type { HandledWatches } from './fault-watches.ts';

/** One call as the program makes it; what is repeated within it counts once. */
export interface SentCall {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
  readonly at: number;
}

/** Counts what has begun and not ended. */
export class Underway {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#count += 1;
    try {
      return await work;
    } finally {
      this.#count -= 1;
    }
  }
}

/** What a process that is dead waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Too short for a second try, and long enough for one that is refused. */
const HASTY_MS = 50;

/** Where calls are counted. */
interface Counters {
  readonly underway: Underway;
  readonly watches: HandledWatches;
  readonly note: (call: Omit<SentCall, 'at'>) => void;
}

/** The real client, which notes each call. */
export class CountedApi extends KubeApi {
  isHasty = false;
  /** Whether its process is dead: nothing of it goes out any more, and nothing comes in. */
  isDead = false;
  readonly #underway: Underway;
  readonly #watches: HandledWatches;
  readonly #note: (call: Omit<SentCall, 'at'>) => void;

  constructor({ underway, watches, note }: Counters, ...given: ConstructorParameters<typeof KubeApi>) {
    super(...given);
    this.#underway = underway;
    this.#watches = watches;
    this.#note = note;
  }

  /** A client for whoever makes one by itself; `made` is told of each. */
  static by(counters: Counters, made: (api: CountedApi) => void): typeof KubeApi {
    return class extends CountedApi {
      constructor(...given: ConstructorParameters<typeof KubeApi>) {
        super(counters, ...given);
        made(this);
      }
    };
  }

  override async request<Result>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Result> {
    if (this.isDead) return await never();
    this.#note({ method, path, watch: false });
    const hasty = this.isHasty ? { timeoutMs: HASTY_MS } : {};
    return await this.#alive(super.request<Result>(method, path, { ...options, ...hasty }));
  }

  override async watch(path: string, options: WatchOptions): Promise<AsyncIterable<WatchEvent>> {
    if (this.isDead) return await never();
    this.#note({ method: 'GET', path, watch: true });
    const watch = this.#watches.begin();
    try {
      const query = { ...options.query, ...watch };
      return this.#watches.each(watch, await this.#alive(super.watch(path, { ...options, query })));
    } catch (error) {
      this.#watches.end(watch);
      throw error;
    }
  }

  async #alive<Result>(work: Promise<Result>): Promise<Result> {
    try {
      const result = await this.#underway.during(work);
      return this.isDead ? await never() : result;
    } catch (error) {
      if (this.isDead) return await never();
      throw error;
    }
  }
}
