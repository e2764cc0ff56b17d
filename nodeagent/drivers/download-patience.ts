/** Aborts what takes too long: the next piece, and all together. */
export class DownloadPatience {
  readonly #over = new AbortController();
  readonly #all: NodeJS.Timeout;
  readonly #allMs: number;
  readonly signal: AbortSignal;
  #next: NodeJS.Timeout | undefined;
  lastMs = 0;

  constructor(signal: AbortSignal, allMs: number) {
    this.signal = AbortSignal.any([signal, this.#over.signal]);
    this.#allMs = allMs;
    this.#all = setTimeout(() => this.#end(allMs), allMs);
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  within(ms: number): void {
    if (this.#next !== undefined && this.lastMs === ms) {
      this.#next.refresh();
      return;
    }
    clearTimeout(this.#next);
    this.lastMs = ms;
    this.#next = setTimeout(() => this.#end(ms), ms);
  }

  end(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#all);
  }

  #end(ms: number): void {
    this.lastMs = ms === this.#allMs ? Math.round(this.#allMs) : ms;
    this.#over.abort();
  }
}
