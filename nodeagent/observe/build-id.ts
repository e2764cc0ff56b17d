const NOTE_GNU_BUILD_ID = 3;

/** The build id in notes of an ELF file, in hexadecimal; undefined where they have none. Words are little-endian. */
export function parseBuildId(notes: Uint8Array): string | undefined {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength);
  for (let at = 0; at + 12 <= notes.length;) {
    const nameBytes = view.getUint32(at, true);
    const bytes = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const begins = at + 12 + aligned(nameBytes);
    const ends = begins + bytes;
    if (ends > notes.length) return undefined;
    const isGnu = nameBytes === 4 && view.getUint32(at + 12, true) === GNU;
    if (isGnu && type === NOTE_GNU_BUILD_ID && bytes > 0 && bytes <= 64)
      return hex(notes.subarray(begins, ends));
    at = begins + aligned(bytes);
  }
  return undefined;
}

/** `GNU` and the byte that ends it. */
const GNU = 0x00_55_4e_47;

function aligned(bytes: number): number {
  // Not by bits: lengths of a file of nonsense are beyond what these take.
  return Math.ceil(bytes / 4) * 4;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
