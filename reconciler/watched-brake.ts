import type { Pass } from './assess.ts';
import { readBrake } from './read-brake.ts';
import type { Brake } from './core/plan/brake.ts';
import type { Cluster } from './ports.ts';
import type { Installation } from './recorder.ts';

/** How old what is known of the brake may be where each look at it is a request. */
const KNOWN_FOR_MS = 1_000;

/** The brake over the time of a pass: somebody may pull it while a thousand objects are written. */
export class WatchedBrake {
  readonly #cluster: Pick<Cluster, 'get'>;
  readonly #fresh: Pick<Cluster, 'get'> | undefined;
  readonly #set: Installation;
  /** What the Settings of this pass say of it. */
  readonly #settings: string | undefined;
  #known: Brake | undefined;
  #reading: Promise<Brake | undefined>;
  #readAt = performance.now();

  /** `fresh` answers nothing from memory. Without it `cluster` does not either. */
  constructor(
    cluster: Pick<Cluster, 'get'>,
    set: Installation,
    { pass, fresh }: { readonly pass: Pass; readonly fresh: Pick<Cluster, 'get'> | undefined },
  ) {
    this.#cluster = cluster;
    this.#set = set;
    this.#fresh = fresh;
    this.#settings = pass.assessment.settings.spec.suspend;
    this.#known = pass.assessment.brake;
    this.#reading = Promise.resolve(this.#known);
  }

  /** Whether nothing may be written at all, as far as was seen. */
  get isSuspended(): boolean {
    return this.#known?.state === 'suspended';
  }

  /** What stands between us and a deletion is never answered from memory; before other writes a look at it must cost nothing. */
  async read(how: 'known' | 'afresh', signal: AbortSignal | undefined): Promise<Brake | undefined> {
    const options = { signal, settings: this.#settings };
    if (how === 'afresh') return await this.#see(readBrake(this.#fresh ?? this.#cluster, this.#set, options));
    if (this.#fresh !== undefined) return await this.#see(readBrake(this.#cluster, this.#set, options));
    if (performance.now() - this.#readAt >= KNOWN_FOR_MS) {
      this.#readAt = performance.now();
      this.#reading = this.#see(readBrake(this.#cluster, this.#set, options));
    }
    return await this.#reading;
  }

  async #see(reading: Promise<Brake | undefined>): Promise<Brake | undefined> {
    this.#known = await reading;
    return this.#known;
  }
}
