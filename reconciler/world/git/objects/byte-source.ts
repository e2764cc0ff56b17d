/** Bytes read by offset: a file, or a buffer. */
export interface ByteSource extends AsyncDisposable {
  readonly size: number;
  /** `length` bytes from `offset` on, or what there is until the end; more where they are at hand. */
  from(offset: number, length: number): Promise<Buffer>;
}

/** Bytes that are in memory already. */
export function memorySource(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    from: async (offset) => bytes.subarray(offset),
    async [Symbol.asyncDispose]() {},
  };
}

const STEP_BYTES = 64 * 1024;

/** All bytes from `offset` to the end, piece by piece. */
export async function* piecesFrom(source: ByteSource, offset: number): AsyncGenerator<Buffer> {
  for (let at = offset; at < source.size;) {
    const piece = (await source.from(at, STEP_BYTES)).subarray(0, STEP_BYTES);
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}
