import { ObjectError, type Oid } from './git-object.ts';

/** The mode of a folder within a folder. */
export const FOLDER = '40000';

export interface TreeEntry {
  /** `100644` a file, `100755` a program, `120000` a link, `40000` a folder, `160000` a commit elsewhere. */
  readonly mode: string;
  readonly name: string;
  readonly oid: Oid;
}

/**
 * The entries of a folder, as they stand in it. isomorphic-git would refuse the whole folder for one name or mode that
 * it does not like, where we tell which file it is.
 */
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
