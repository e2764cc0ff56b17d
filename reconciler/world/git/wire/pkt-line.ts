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
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < buffer.length) {
    const header = buffer.toString('latin1', at, at + HEADER_BYTES);
    if (!/^[0-9a-f]{4}$/i.test(header)) throw new PacketError(`Byte ${at} does not begin a packet.`);
    const size = Number.parseInt(header, 16);
    const mark = MARKS[size];
    if (mark !== undefined) {
      yield mark;
      at += HEADER_BYTES;
      continue;
    }
    const end = at + size;
    if (size < HEADER_BYTES || end > buffer.length)
      throw new PacketError(`The packet at byte ${at} is cut off.`);
    yield buffer.subarray(at + HEADER_BYTES, end);
    at = end;
  }
}

/** A frame's text without the newline that most end with. */
export function packetText(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\n$/, '');
}
