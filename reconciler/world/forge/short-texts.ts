/** Bytes that are kept of a text, as JSON writes it: what is asked of us, and of whom, stands in its first line. */
const SHORT = 8 * 1024;
/** Of what begins as our own comments do: as much as the longest of them can have. */
const SHORT_OF_OURS = 400 * 1024;
/** As it is written, and as Go writes it. */
const OURS = ['<!-- weka-gitops ', String.raw`\u003c!-- weka-gitops `].map((text) => Buffer.from(text));
const LONGEST_MARK = Math.max(...OURS.map(({ length }) => length));

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Cuts the long texts in JSON, which comes part by part, and leaves all else as it is. */
export class ShortTexts {
  /** Whether the next byte is one of a text. */
  #isText = false;
  /** Bytes of the text so far. */
  #size = 0;
  readonly #head = Buffer.alloc(LONGEST_MARK);
  #most = SHORT;
  /** Bytes that belong to the escape before them. */
  #escaped = 0;
  /** Whether the next byte says which escape it is. */
  #isEscape = false;
  #isDropping = false;

  /** What is left of the next part. */
  push(part: Uint8Array): readonly Uint8Array[] {
    const kept: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < part.length; at++) {
      const byte = part[at] ?? 0;
      if (!this.#isText) {
        if (byte === QUOTE) this.#begin();
        continue;
      }
      if (byte === QUOTE && this.#escaped === 0) {
        this.#isText = false;
        if (this.#isDropping) from = at;
        this.#isDropping = false;
        continue;
      }
      if (!this.#isDropping && this.#isLong(byte)) {
        this.#isDropping = true;
        kept.push(part.subarray(from, at));
      }
      this.#take(byte);
    }
    if (!this.#isDropping) kept.push(part.subarray(from));
    return kept;
  }

  #begin(): void {
    this.#isText = true;
    this.#size = 0;
    this.#most = SHORT;
  }

  /** Whether a text may end before this byte, and has to. */
  #isLong(byte: number): boolean {
    const isBoundary = this.#escaped === 0 && (byte & 0xc0) !== 0x80;
    return isBoundary && this.#size >= this.#most;
  }

  #take(byte: number): void {
    if (this.#size < LONGEST_MARK) this.#head[this.#size] = byte;
    this.#size += 1;
    if (this.#size === LONGEST_MARK) {
      const isOurs = OURS.some((mark) => this.#head.subarray(0, mark.length).equals(mark));
      this.#most = isOurs ? SHORT_OF_OURS : SHORT;
    }
    if (this.#escaped > 0) {
      const isLetter = this.#isEscape;
      this.#isEscape = false;
      this.#escaped = isLetter && byte === LETTER_U ? 4 : this.#escaped - 1;
    } else if (byte === BACKSLASH) {
      this.#escaped = 1;
      this.#isEscape = true;
    }
  }
}
