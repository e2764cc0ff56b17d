import { createHash } from 'node:crypto';
import type { Limits } from '../limits.ts';
import { memorySource } from './byte-source.ts';
import { ObjectError, type GitObject } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';
import { encodeEntry, PACK_HEADER_BYTES, SHA1_BYTES } from './pack-entry.ts';
import { encodeIndex, PackIndex } from './pack-index.ts';
import { PackStore } from './pack-store.ts';
import { readPack } from './read-pack.ts';

/** A pack of whole objects, as a push carries it. */
export function encodePack(objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([header, ...objects.map(encodeEntry)]);
  return Buffer.concat([body, sha1(body)]);
}

/** The objects of a pack that is in memory, all of it verified. It has to stand by itself. */
export async function openPack(pack: Buffer, limits: Limits): Promise<ObjectStore> {
  const checksum = pack.subarray(-SHA1_BYTES);
  if (!sha1(pack.subarray(0, -SHA1_BYTES)).equals(checksum)) throw new ObjectError('A pack came damaged.');
  const { rows } = await readPack(memorySource(pack), limits, async () => undefined);
  return PackStore.of(pack, new PackIndex(encodeIndex(rows, checksum)), limits);
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}
