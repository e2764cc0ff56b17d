import type { TreeObject } from 'isomorphic-git';
import type { StatusFile } from '../../../ports.ts';
import { describeBytes, describeCount } from '../limits.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import type { MemoryObjects } from '../objects/memory-objects.ts';
import { FOLDER } from '../objects/tree-entry.ts';

const FILES: ReadonlySet<string> = new Set(['100644', '100755', '100664']);
/** A branch of ours stays far below these. One small tree can name the same folders and files any number of times. */
const MAX_ENTRIES = 20_000;
const MAX_BYTES = 128 * 1024 * 1024;
const MAX_DEPTH = 20;

/** What a commit of the status branch holds. */
export interface StatusTree {
  /** Sorted by path. */
  readonly files: readonly StatusFile[];
  /** Every blob and tree in it: what a push on top of it need not send. */
  readonly oids: ReadonlySet<Oid>;
  /** Whether there is anything in it at all, be it a link. */
  readonly empty: boolean;
}

/** Reads all files below `root`. Links and commits of other repositories are left out: we write none. */
export async function readStatusTree(root: Oid, objects: GitObjects): Promise<StatusTree> {
  const files: StatusFile[] = [];
  const oids = new Set<Oid>();
  let empty = true;
  let entries = 0;
  let bytes = 0;

  async function visit(oid: Oid, prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new ObjectError('Its folders are nested too deeply.');
    oids.add(oid);
    for (const { mode, name, oid: child } of await objects.tree(oid)) {
      if (++entries > MAX_ENTRIES) {
        throw new ObjectError(`It holds more than ${describeCount(MAX_ENTRIES)} files and folders.`);
      }
      if (mode === FOLDER) {
        await visit(child, `${prefix}${name}/`, depth + 1);
        continue;
      }
      empty = false;
      if (!FILES.has(mode)) continue;
      const content = await objects.blob(child, MAX_BYTES - bytes);
      if (typeof content === 'number')
        throw new ObjectError(`It holds more than ${describeBytes(MAX_BYTES)}.`);
      bytes += content.byteLength;
      oids.add(child);
      files.push({ path: `${prefix}${name}`, text: Buffer.from(content).toString('utf8') });
    }
  }

  await visit(root, '', 0);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, oids, empty };
}

/** Adds a tree with exactly these files to `objects`, save for files that are `known` to be in the repository. */
export async function buildStatusTree(
  files: readonly StatusFile[],
  objects: MemoryObjects,
  known: ReadonlySet<Oid>,
): Promise<{ readonly root: Oid; readonly oids: ReadonlySet<Oid> }> {
  const oids = new Set<Oid>();
  const add = (oid: Oid) => (oids.add(oid), oid);

  async function folder(contents: readonly StatusFile[]): Promise<Oid> {
    const entries: TreeObject = [];
    const below = Map.groupBy(contents, ({ path }) => path.split('/', 1)[0]!);
    for (const [path, group] of below) {
      if (path === '' || path === '.' || path === '..' || path.toLowerCase() === '.git') {
        throw new Error(`A status file cannot be named ${JSON.stringify(group[0]?.path)}.`);
      }
      const nested = group.filter((file) => file.path.includes('/'));
      if (nested.length === 0 && group.length === 1) {
        const oid = add(await objects.addBlob(Buffer.from(group[0]!.text), known));
        entries.push({ mode: '100644', type: 'blob', path, oid });
      } else if (nested.length === group.length) {
        const inner = nested.map((file) => ({ path: file.path.slice(path.length + 1), text: file.text }));
        entries.push({ mode: '040000', type: 'tree', path, oid: await folder(inner) });
      } else {
        throw new Error(`Two status files claim the name ${path}.`);
      }
    }
    return add(await objects.addTree(entries));
  }

  return { root: await folder(files), oids };
}
