/** A file of a guest, by its whole path. Folders above it come by themselves. */
export type GuestFiles = Readonly<Record<string, GuestFile>>;

export type GuestFile =
  { readonly content: string | Uint8Array; readonly mode?: number } | { readonly linkTo: string };

const FOLDER = 0o040755;
const LINK = 0o120777;
const REGULAR = 0o100000;

/** The files as the kernel unpacks them into the root of an initial RAM disk, below `folder`. Several such archives in a row are one. */
export function cpio(files: GuestFiles, folder = ''): Buffer {
  const entries = new Map<string, Entry>();
  for (const [path, file] of Object.entries(files)) {
    const parts = `${folder}${path}`.split('/').filter((part) => part !== '');
    for (let depth = 1; depth < parts.length; depth++) {
      entries.set(parts.slice(0, depth).join('/'), { mode: FOLDER, content: Buffer.alloc(0) });
    }
    entries.set(parts.join('/'), entryOf(file));
  }
  const packed = [...entries].map(([name, entry], index) => pack(name, entry, index + 1));
  return Buffer.concat([...packed, pack('TRAILER!!!', { mode: 0, content: Buffer.alloc(0) }, 0)]);
}

interface Entry {
  readonly mode: number;
  readonly content: Buffer;
}

function entryOf(file: GuestFile): Entry {
  if ('linkTo' in file) return { mode: LINK, content: Buffer.from(file.linkTo) };
  return { mode: REGULAR | (file.mode ?? 0o644), content: Buffer.from(file.content) };
}

/** Everything is root's and as old as can be, so that the same files have the same bytes. */
function pack(name: string, { mode, content }: Entry, inode: number): Buffer {
  const size = Buffer.byteLength(name) + 1;
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, size, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(header)), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
