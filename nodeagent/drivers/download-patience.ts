/** Of what there was too little: an answer, the next piece, or all together in so long. */
export type GaveUp = 'answer' | 'silence' | 'rate';

/** Aborts what takes too long. */
export class DownloadPatience {
  readonly #over = new AbortController();
  readonly #all: NodeJS.Timeout;
  readonly signal: AbortSignal;
  #next: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #isSilence = false;
  #gaveUp: { readonly why: GaveUp; readonly ms: number } | undefined;

  constructor(signal: AbortSignal, allMs: number) {
    this.signal = AbortSignal.any([signal, this.#over.signal]);
    this.#all = setTimeout(() => this.#end('rate', allMs), allMs);
  }

  /** Why it is over, if it is. */
  get gaveUp(): { readonly why: GaveUp; readonly ms: number } | undefined {
    return this.#gaveUp;
  }

  within(ms: number, why: Exclude<GaveUp, 'rate'>): void {
    // What waits for the first piece is not what waits for the next.
    if (this.#next !== undefined && this.#lastMs === ms && why === 'silence' && this.#isSilence) {
      this.#next.refresh();
      return;
    }
    clearTimeout(this.#next);
    this.#lastMs = ms;
    this.#isSilence = why === 'silence';
    this.#next = setTimeout(() => this.#end(why, ms), ms);
  }

  end(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#all);
  }

  #end(why: GaveUp, ms: number): void {
    this.#gaveUp ??= { why, ms };
    this.#over.abort();
  }
}
