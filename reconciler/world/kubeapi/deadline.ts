/** Ends what takes too long, or what is given up from outside. To be cleared once it is done. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #given: AbortSignal | undefined;
  readonly #giveUp: () => void;
  readonly #timer: NodeJS.Timeout;
  #isLate = false;

  /** One timer and one listener: AbortSignal.timeout() and any() cost more than the request that they guard. */
  constructor(ms: number, given: AbortSignal | undefined) {
    const controller = new AbortController();
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

  clear(): void {
    clearTimeout(this.#timer);
    this.#given?.removeEventListener('abort', this.#giveUp);
  }
}
