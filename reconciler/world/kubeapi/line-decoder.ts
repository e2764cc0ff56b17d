import { ApiError } from './errors.ts';

const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines. A line is decoded as a whole, so a character split over two chunks stays whole. */
export class LineDecoder {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a line whose end has not come yet. */
  get pending(): number {
    return this.#size;
  }

  /** The lines that end within `chunk`, without the empty ones. Throws once a line is longer than it may be. */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#take().trim();
      if (line !== '') yield line;
    }
    // What is kept is copied: the rest of its chunk could be much larger.
    if (start < chunk.length) this.#add(Buffer.from(chunk.subarray(start)));
  }

  #add(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#maxBytes) {
      const limit = `${Math.floor(this.#maxBytes / 1024 / 1024)} MiB`;
      throw new ApiError('API_TOO_LARGE', `An event of the API server is larger than ${limit}.`);
    }
    this.#parts.push(part);
  }

  #take(): string {
    const [first, ...rest] = this.#parts;
    const line = first === undefined ? '' : rest.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return line.toString('utf8');
  }
}
