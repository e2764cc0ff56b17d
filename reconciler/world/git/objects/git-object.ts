import { createHash, type Hash } from 'node:crypto';
import type { Brand } from '../../../core/kube/object.ts';

/** The SHA-1 of any git object, 40 hexadecimal digits. */
export type Oid = Brand<'Oid'>;

export const OBJECT_TYPES = ['commit', 'tree', 'blob', 'tag'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

export interface GitObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** An object of this content, with its name. */
export function gitObject(type: ObjectType, content: Buffer): GitObject {
  const oid = hashOf(type, content.length).update(content).digest('hex') as Oid;
  return { oid, type, content };
}

/** What precedes the content where an object is hashed or stored by itself. */
export function objectHeader(type: ObjectType, size: number): Buffer {
  return Buffer.from(`${type} ${size}\0`);
}

/** The hash that an object is named by, its content still to come. */
export function hashOf(type: ObjectType, size: number): Hash {
  return createHash('sha1').update(objectHeader(type, size));
}

/** An object that is not what its type asks for. */
export class ObjectError extends Error {}

/** The mode of a folder within a folder. */
export const FOLDER = '40000';

export interface TreeEntry {
  /** `100644` a file, `100755` a program, `120000` a link, `40000` a folder, `160000` a commit elsewhere. */
  readonly mode: string;
  readonly name: string;
  readonly oid: Oid;
}

/** A folder. Git wants its entries in the order of their bytes, a folder's name ending in `/`. */
export function treeObject(entries: readonly TreeEntry[]): GitObject {
  const rows = entries.map(({ mode, name, oid }) => ({
    key: Buffer.from(mode === FOLDER ? `${name}/` : name),
    bytes: Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
  }));
  rows.sort((a, b) => Buffer.compare(a.key, b.key));
  return gitObject('tree', Buffer.concat(rows.map(({ bytes }) => bytes)));
}

/** The entries of a folder, as they stand in it. */
export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const end = nul + 1 + 20;
    if (space === -1 || nul === -1 || end > content.length) throw new ObjectError('A tree is cut off.');
    entries.push({
      mode: content.toString('latin1', at, space).replace(/^0+/, ''),
      name: content.toString('utf8', space + 1, nul),
      oid: content.toString('hex', nul + 1, end) as Oid,
    });
    at = end;
  }
  return entries;
}

export interface Commit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
}

/** What is read of a commit. Its author is a name alone. */
export type ParsedCommit = Commit & { readonly author: string };

/** A commit by one person at one time, which is given in UTC. */
export function commitObject({ tree, parents, message }: Commit, who: string, when: Date): GitObject {
  const person = `${who} ${Math.floor(when.getTime() / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${person}`,
    `committer ${person}`,
    '',
    message.endsWith('\n') ? message : `${message}\n`,
  ];
  return gitObject('commit', Buffer.from(lines.join('\n')));
}

export function parseCommit(content: Buffer): ParsedCommit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const header = end === -1 ? text : text.slice(0, end);
  const values = (name: string) => [...header.matchAll(new RegExp(`^${name} ([0-9a-f]{40})$`, 'gm'))];
  const tree = values('tree')[0]?.[1];
  if (tree === undefined) throw new ObjectError('A commit names no tree.');
  return {
    tree: tree as Oid,
    parents: values('parent').map(([, parent]) => parent as Oid),
    author: /^author ([^\n<]*?) ?</m.exec(header)?.[1] ?? '',
    message: end === -1 ? '' : text.slice(end + 2),
  };
}
