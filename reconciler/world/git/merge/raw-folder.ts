import { ObjectError, hashOf, type ObjectType, type Oid } from '../objects/git-object.ts';
import { FOLDER } from '../objects/tree-entry.ts';

export interface Entry {
  /** `100644` a file, `100755` a program, `120000` a link, `40000` a folder, `160000` a commit elsewhere. */
  readonly mode: string;
  readonly oid: Oid;
}

/** The entries of a folder by their names, of which each character is a byte: what is no UTF-8 has to stay what it is. */
export type Folder = ReadonlyMap<string, Entry>;

/** Throws where two entries have one name: it could not be told which of them is meant. */
export function parseFolder(content: Buffer): Folder {
  const folder = new Map<string, Entry>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const end = nul + 1 + 20;
    if (space === -1 || nul === -1 || end > content.length) throw new ObjectError('A tree is cut off.');
    const name = content.toString('latin1', space + 1, nul);
    if (folder.has(name)) throw new ObjectError('A tree has two entries of one name.');
    const mode = content.toString('latin1', at, space).replace(/^0+/, '');
    folder.set(name, { mode, oid: content.toString('hex', nul + 1, end) as Oid });
    at = end;
  }
  return folder;
}

export function encodeFolder(folder: Folder): Buffer {
  // Git sorts folders as though their names ended in a slash.
  const sorted = [...folder]
    .map(([name, entry]) => ({ name, entry, key: entry.mode === FOLDER ? `${name}/` : name }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ name, entry }) => [
      Buffer.from(`${entry.mode} ${name}\0`, 'latin1'),
      Buffer.from(entry.oid, 'hex'),
    ]),
  );
}

export function isFolder(entry: Entry | undefined): boolean {
  return entry?.mode === FOLDER;
}

const PLAIN = /^100[0-7]{3}$/;

/** A file with a content, which may be a program. */
export function isPlain(entry: Entry | undefined): boolean {
  return entry !== undefined && PLAIN.test(entry.mode);
}

export function isSame(one: Entry | undefined, other: Entry | undefined): boolean {
  return one?.oid === other?.oid && one?.mode === other?.mode;
}

/** A path as people read it. */
export function shownPath(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** What git calls an object of that content. */
export function hashBytes(type: ObjectType, content: Uint8Array): Oid {
  return hashOf(type, content.length).update(content).digest('hex') as Oid;
}
