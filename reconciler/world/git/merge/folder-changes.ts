import type { Oid } from '../objects/git-object.ts';
import type { MergeObjects } from './merge-objects.ts';
import { isFolder, isSame, pathIn, type Entry } from './raw-folder.ts';

/** A path that two folders have not got alike; folders themselves are not told. */
export interface Change {
  readonly path: string;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** All that differs below two folders, what is the same in both being left out unread. */
export async function* folderChanges(
  objects: MergeObjects,
  before: Oid | undefined,
  after: Oid | undefined,
  path = '',
): AsyncGenerator<Change> {
  const { work } = objects;
  const waiting = [{ before, after, path }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.before === next.after) continue;
    const [old, fresh] = [await objects.folder(next.before), await objects.folder(next.after)];
    for (const name of new Set([...old.keys(), ...fresh.keys()])) {
      const pause = work.step();
      if (pause !== undefined) await pause;
      const [was, is] = [old.get(name), fresh.get(name)];
      if (isSame(was, is)) continue;
      const at = pathIn(next.path, name);
      work.path(at);
      const [from, to] = [isFolder(was) ? was : undefined, isFolder(is) ? is : undefined];
      if (from !== to) waiting.push({ before: from?.oid, after: to?.oid, path: at });
      const change = { path: at, before: from ? undefined : was, after: to ? undefined : is };
      if (!isSame(change.before, change.after)) yield change;
    }
  }
}
