import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What is at a path: a file's text or bytes, a link, a file of some mode, or an empty folder. */
export type Node =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly mode: number; readonly text: string }
  | { readonly folder: true };

export type Tree = Readonly<Record<string, Node>>;

/** Writes all that to a folder. */
export async function writeTree(root: string, tree: Tree): Promise<void> {
  for (const [path, node] of Object.entries(tree)) {
    const at = join(root, path);
    await mkdir(dirname(at), { recursive: true });
    if (typeof node === 'string' || node instanceof Uint8Array) {
      await writeFile(at, node);
      await chmod(at, 0o644);
    } else if ('link' in node) await symlink(node.link, at);
    else if ('mode' in node) {
      await writeFile(at, node.text);
      await chmod(at, node.mode);
    } else await mkdir(at, { recursive: true });
  }
}
