import type { GaveUp } from './download-error.ts';

/** How long a source may take. */
export interface DownloadTimes {
  /** One that has not begun to answer by then is left. */
  readonly answerMs: number;
  /** One that sends nothing for so long is left. */
  readonly silentMs: number;
  /** One that is slower than this over the whole package is left after that time; what came is kept. */
  readonly leastBytesPerMs: number;
  /** It may take so much longer. */
  readonly graceMs?: number;
}

const GRACE_MS = 60_000;

/** How long a source is waited for. The time that others take, such as a disk, is not counted. */
export class Patience implements Disposable {
  /** Aborted once it took too long, or whoever waits wants no more. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #leastBytesPerMs: number;
  #leftMs: number;
  #gaveUp: { readonly why: GaveUp; readonly ms: number } | undefined;
  #since: number | undefined;
  #timer: { readonly ms: number; readonly why: GaveUp; readonly timeout: NodeJS.Timeout } | undefined;

  constructor(signal: AbortSignal, bytes: number, times: DownloadTimes) {
    this.signal = AbortSignal.any([signal, this.#over.signal]);
    this.#leastBytesPerMs = times.leastBytesPerMs;
    this.#leftMs = (times.graceMs ?? GRACE_MS) + bytes / times.leastBytesPerMs;
  }

  /** Why it is over, if it is. */
  get gaveUp(): { readonly why: GaveUp; readonly ms: number } | undefined {
    return this.#gaveUp;
  }

  /** It is waited for from now on, no longer than that. */
  begin(ms: number, why: Exclude<GaveUp, 'rate'>): void {
    this.#since = performance.now();
    if (this.#leftMs < ms) this.#within(Math.max(0, this.#leftMs), 'rate');
    else this.#within(ms, why);
  }

  /** So many more bytes are to come than was thought. */
  allow(bytes: number): void {
    this.#leftMs += bytes / this.#leastBytesPerMs;
  }

  /** What was waited for has come. */
  end(): void {
    if (this.#since !== undefined) this.#leftMs -= performance.now() - this.#since;
    this.#since = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer?.timeout);
  }

  /** Of thousands of waits each begins the same timer anew, which is cheap. */
  #within(ms: number, why: GaveUp): void {
    if (this.#timer?.ms === ms && this.#timer.why === why) {
      this.#timer.timeout.refresh();
      return;
    }
    clearTimeout(this.#timer?.timeout);
    const timeout = setTimeout(() => {
      // Nothing is waited for: it is begun anew when something is.
      if (this.#since === undefined) return;
      this.#gaveUp ??= { why, ms };
      this.#over.abort(new Error('The source is too slow.'));
    }, ms);
    this.#timer = { ms, why, timeout };
  }
}
