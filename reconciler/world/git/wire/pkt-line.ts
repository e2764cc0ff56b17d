/** One frame of git's wire format: bytes, or a mark between them. */
export type Packet = Buffer | 'flush' | 'delimiter' | 'response-end';

const MARKS: readonly Packet[] = ['flush', 'delimiter', 'response-end'];
const HEADER_BYTES = 4;
const MAX_BYTES = 65_520;

export const FLUSH = Buffer.from('0000');
export const DELIMITER = Buffer.from('0001');

/** A frame around `content`. */
export function packet(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const size = bytes.length + HEADER_BYTES;
  if (size > MAX_BYTES) throw new RangeError(`A packet of ${size} bytes cannot be sent.`);
  return Buffer.concat([Buffer.from(size.toString(16).padStart(HEADER_BYTES, '0')), bytes]);
}

/** Bytes that are not what git's wire format says. */
export class PacketError extends Error {}

/** The frames in `bytes`, which must hold nothing else. */
export function* packets(bytes: Uint8Array): Generator<Packet> {
  const rest = yield* wholePackets(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (rest.length > 0) throw new PacketError('An answer is cut off.');
}

/** The frames in bytes that are still arriving. */
export async function* packetStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) rest = yield* wholePackets(Buffer.concat([rest, chunk]));
  if (rest.length > 0) throw new PacketError('An answer is cut off.');
}

/** The frames that are there in whole. Returns the bytes after them. */
function* wholePackets(bytes: Buffer): Generator<Packet, Buffer> {
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const header = bytes.toString('latin1', at, at + HEADER_BYTES);
    const size = /^[0-9a-f]{4}$/i.test(header) ? Number.parseInt(header, 16) : Number.NaN;
    const mark = MARKS[size];
    if (mark === undefined && !(size >= HEADER_BYTES)) throw new PacketError('An answer has no packets.');
    const end = at + Math.max(size, HEADER_BYTES);
    if (bytes.length < end) break;
    yield mark ?? bytes.subarray(at + HEADER_BYTES, end);
    at = end;
  }
  return bytes.subarray(at);
}

/** A frame's text without the newline that most end with. */
export function packetText(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\n$/, '');
}
