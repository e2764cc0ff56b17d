/** Bytes that are not what SSH would have written. */
export class SshFormatError extends Error {}

/** Reads the data types of SSH (RFC 4251) one after another. Whatever is too long, too short or written otherwise throws. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new SshFormatError('it ends too early');
    const found = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return found;
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /** A name of printable ASCII characters. */
  name(): string {
    const found = this.string().toString('latin1');
    if (!/^[\x21-\x7e]{1,64}$/.test(found)) throw new SshFormatError('a name in it is none');
    return found;
  }

  /** A number above 0 in at most so many bytes, in its shortest form. */
  positive(most: number): Buffer {
    const found = this.string();
    const [first = 0, second = 0] = found;
    const hasSign = first === 0;
    if (found.length === 0 || first >= 0x80 || (hasSign && second < 0x80)) {
      throw new SshFormatError('a number in it is not written as it should be');
    }
    const magnitude = hasSign ? found.subarray(1) : found;
    if (magnitude.length > most) throw new SshFormatError('a number in it is too large');
    return magnitude;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new SshFormatError('something follows its end');
  }
}

/** A string as SSH writes it: its length, then its bytes. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number of zero or more as SSH writes it, of its bytes with the greatest first. */
export function sshNumber(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const shortest = first === -1 ? Buffer.alloc(0) : Buffer.from(magnitude.subarray(first));
  return sshString((shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), shortest]) : shortest);
}
