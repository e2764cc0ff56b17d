import type { StatusFile } from '../../../ports.ts';
import { describeBytes, describeCount } from '../limits.ts';
import {
  FOLDER,
  gitObject,
  ObjectError,
  parseTree,
  treeObject,
  type GitObject,
  type Oid,
  type TreeEntry,
} from '../objects/git-object.ts';
import { contentOf, type ObjectStore } from '../objects/object-store.ts';

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
export async function readStatusTree(root: Oid, objects: ObjectStore): Promise<StatusTree> {
  const files: StatusFile[] = [];
  const oids = new Set<Oid>();
  let empty = true;
  let entries = 0;
  let bytes = 0;

  async function visit(oid: Oid, prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new ObjectError('Its folders are nested too deeply.');
    const tree = await contentOf(objects, oid, 'tree');
    oids.add(oid);
    for (const { mode, name, oid: child } of parseTree(tree)) {
      if (++entries > MAX_ENTRIES) {
        throw new ObjectError(`It holds more than ${describeCount(MAX_ENTRIES)} files and folders.`);
      }
      if (mode === FOLDER) {
        await visit(child, `${prefix}${name}/`, depth + 1);
        continue;
      }
      empty = false;
      if (!FILES.has(mode)) continue;
      const content = await contentOf(objects, child, 'blob');
      bytes += content.length;
      if (bytes > MAX_BYTES) throw new ObjectError(`It holds more than ${describeBytes(MAX_BYTES)}.`);
      oids.add(child);
      files.push({ path: `${prefix}${name}`, text: content.toString('utf8') });
    }
  }

  await visit(root, '', 0);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, oids, empty };
}

/** The objects of a tree with exactly these files; the last one is its root. */
export function buildStatusTree(files: readonly StatusFile[]): {
  readonly root: Oid;
  readonly objects: GitObject[];
} {
  const objects: GitObject[] = [];
  const add = (object: GitObject) => (objects.push(object), object.oid);

  function folder(contents: readonly StatusFile[]): Oid {
    const entries = new Map<string, TreeEntry>();
    const below = Map.groupBy(contents, ({ path }) => path.split('/', 1)[0]!);
    for (const [name, group] of below) {
      if (name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git') {
        throw new Error(`A status file cannot be named ${JSON.stringify(group[0]?.path)}.`);
      }
      const nested = group.filter(({ path }) => path.includes('/'));
      if (nested.length === 0 && group.length === 1) {
        entries.set(name, { mode: '100644', name, oid: add(gitObject('blob', Buffer.from(group[0]!.text))) });
      } else if (nested.length === group.length) {
        const inner = nested.map(({ path, text }) => ({ path: path.slice(name.length + 1), text }));
        entries.set(name, { mode: FOLDER, name, oid: folder(inner) });
      } else {
        throw new Error(`Two status files claim the name ${name}.`);
      }
    }
    return add(treeObject([...entries.values()]));
  }

  return { root: folder(files), objects };
}
