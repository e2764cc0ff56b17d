/** Ends what takes too long, or what is given up from outside. To be cleared once it is done. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #controller: AbortController;
  readonly #given: AbortSignal | undefined;
  readonly #giveUp: () => void;
  readonly #timer: NodeJS.Timeout;
  #isLate = false;

  /** One timer and one listener: AbortSignal.timeout() and any() cost more than the request that they guard. */
  constructor(ms: number, given: AbortSignal | undefined) {
    const controller = (this.#controller = new AbortController());
    this.signal = controller.signal;
    this.#given = given;
    this.#giveUp = () => controller.abort(given?.reason);
    given?.addEventListener('abort', this.#giveUp);
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      controller.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
    }, Math.ceil(ms));
  }

  /** Whether it was time that ended it. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Ends it before its time, for `reason`. */
  end(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** What `work` gives that has a deadline of its own and cannot be told of the signal, unless that is given up before. */
  async unlessGivenUp<Result>(work: Promise<Result>): Promise<Result> {
    return await orReason(work, this.signal, () => !this.#isLate);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#given?.removeEventListener('abort', this.#giveUp);
  }
}

/** What `work` gives, or throws the reason of `signal` where that is aborted before, and `counts` then. */
export async function orReason<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  counts: () => boolean = () => true,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => {
    if (counts()) reject(signal.reason as Error);
  };
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
