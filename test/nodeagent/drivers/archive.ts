import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

export type Member = readonly [header: Partial<Header> & { readonly name: string }, content?: Uint8Array];

/** An archive as a builder packs it. */
export async function archive(members: readonly Member[]): Promise<Buffer> {
  const packed = pack();
  for (const [header, content = Buffer.alloc(0)] of members)
    packed.entry({ ...header }, Buffer.from(content));
  packed.finalize();
  return gzipSync(await buffer(packed));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
