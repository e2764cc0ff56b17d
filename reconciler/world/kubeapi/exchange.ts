import type { Dispatcher } from 'undici';

export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Asked right before the first byte is sent; what it throws is what the exchange rejects with. */
  readonly beforeSend?: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Undefined where there was more than `maxBytes`. */
  readonly text: string | undefined;
}

/**
 * One request and the whole of its answer. It is as near to the socket as undici lets one come: a body that is read as
 * a stream costs as much as all else that is done for a write.
 */
export async function exchange(
  dispatcher: Dispatcher,
  origin: string,
  { method, path, headers, body, ...asked }: Exchange,
): Promise<Answer> {
  asked.signal.throwIfAborted();
  const answered = Promise.withResolvers<Answer>();
  const handler = new AnswerHandler(asked, answered);
  try {
    dispatcher.dispatch(
      { origin, method, path, headers: headers as Record<string, string | string[]>, body: body ?? null },
      handler,
    );
    return await answered.promise;
  } finally {
    handler.forget();
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #asked: Pick<Exchange, 'signal' | 'maxBytes' | 'beforeSend'>;
  readonly #answered: PromiseWithResolvers<Answer>;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #retryAfter: string | undefined;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(
    asked: Pick<Exchange, 'signal' | 'maxBytes' | 'beforeSend'>,
    answered: PromiseWithResolvers<Answer>,
  ) {
    this.#asked = asked;
    this.#answered = answered;
    asked.signal.addEventListener('abort', this.#giveUp);
  }

  forget(): void {
    this.#asked.signal.removeEventListener('abort', this.#giveUp);
  }

  /** A connection is there, and the request is about to be written to it, however long it waited for that. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { signal, beforeSend } = this.#asked;
    if (signal.aborted) {
      controller.abort(signal.reason as Error);
      return;
    }
    // What it throws becomes the error of the request, of which nothing is sent.
    beforeSend?.();
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    { 'retry-after': retryAfter }: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#asked.maxBytes) {
      this.#chunks.push(chunk);
      return;
    }
    this.#answer(undefined);
    controller.abort(new Error('The answer is too large.'));
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#answer(whole.toString('utf8'));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#answered.reject(error);
  }

  readonly #giveUp = (): void => {
    const reason = this.#asked.signal.reason as Error;
    this.#answered.reject(reason);
    this.#controller?.abort(reason);
  };

  #answer(text: string | undefined): void {
    this.#answered.resolve({ status: this.#status, retryAfter: this.#retryAfter, text });
  }
}
