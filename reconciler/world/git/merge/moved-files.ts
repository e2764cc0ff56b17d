import type { Oid } from '../objects/git-object.ts';
import { folderChanges } from './folder-changes.ts';
import type { MergeObjects } from './merge-objects.ts';
import type { Sides } from './merge-folders.ts';
import { type Entry, isSame } from './raw-folder.ts';
import { Likeness } from './likeness.ts';

/** What may be the trace of a file or folder that was given another name, of which git knows and a plain merge does not. */
export interface Suspects {
  /** Folders that both sides have changed to the same. */
  readonly changedAlike: { before: Oid | undefined; after: Oid | undefined; path: string }[];
  /** Files that both sides have no more. */
  readonly goneOnBoth: Map<string, Entry>;
  /** What one side added to a folder that the other side has not any more. */
  readonly intoTakenAway: {
    readonly path: string;
    /** What is added, where it is a folder. */
    readonly folder?: Oid | undefined;
    /** The topmost folder that was taken away, and by which side. */
    readonly takenAway: string;
    readonly by: 'ours' | 'theirs';
  }[];
}

/**
 * Files of which git may say that both sides have moved them to different places, that one has moved and the other
 * deleted them, or that they belong into a folder with another name. It has a conflict there, where the plain merge has
 * none. Only what can be such is looked at, so this costs nothing for nearly all merges. It ends once there are
 * `most` of them.
 */
export async function movedFiles(
  objects: MergeObjects,
  sides: Sides,
  suspects: Suspects,
  most: number,
): Promise<ReadonlySet<string>> {
  const gone = new Map(suspects.goneOnBoth);
  for (const { before, after, path } of suspects.changedAlike) {
    for await (const change of folderChanges(objects, before, after, path)) {
      if (change.before === undefined || change.after !== undefined) continue;
      gone.set(change.path, change.before);
      objects.work.files(gone.size);
    }
  }
  const found = new Set<string>();
  const { intoTakenAway } = suspects;
  if (gone.size === 0 && intoTakenAway.length === 0) return found;

  const ours = await sideOf(objects, sides.base, sides.ours);
  const theirs = await sideOf(objects, sides.base, sides.theirs);
  const likeness = new Likeness(objects);
  const oneSided = byContent([...except(ours.added, theirs.added), ...except(theirs.added, ours.added)]);
  const common = byContent([...ours.added].filter(([path, entry]) => isSame(entry, theirs.added.get(path))));
  // What took one side's file away from another one that was moved there.
  const rivals = byContent([
    ...except(ours.removed, theirs.removed),
    ...except(theirs.removed, ours.removed),
  ]);
  const isMovedAlike = movedAlike(ours, theirs);
  for (const { entry, paths } of byContent(gone).values()) {
    if (isMovedAlike(entry)) continue;
    const add = (others: readonly string[]) => {
      for (const path of [...paths, ...others]) if (found.size < most) found.add(path);
    };
    for (const candidate of oneSided.values()) {
      if (await likeness.mayBeMoved(entry, candidate.entry)) add(candidate.paths);
      if (found.size >= most) return found;
    }
    for (const candidate of rivals.size === 0 ? [] : common.values()) {
      if (!(await likeness.mayBeMoved(entry, candidate.entry))) continue;
      if (await likeness.isAny(entriesOf(rivals), candidate.entry)) add(candidate.paths);
      if (found.size >= most) return found;
    }
  }
  const added = { ours: byContent(ours.added), theirs: byContent(theirs.added) };
  const moved = new Map<string, boolean>();
  for (const { path, folder, takenAway, by } of intoTakenAway) {
    const key = `${by} ${takenAway}`;
    const isMoved = moved.get(key) ?? (await isFolderMoved(objects, sides, takenAway, added[by], likeness));
    moved.set(key, isMoved);
    if (!isMoved) continue;
    if (folder === undefined) found.add(path);
    else {
      for await (const change of folderChanges(objects, undefined, folder, path)) {
        found.add(change.path);
        if (found.size >= most) break;
      }
    }
    if (found.size >= most) break;
  }
  return found;
}

interface Side {
  readonly added: ReadonlyMap<string, Entry>;
  readonly removed: ReadonlyMap<string, Entry>;
}

/** A content, and all paths that have it. */
interface Copies {
  readonly entry: Entry;
  readonly paths: readonly string[];
}

/**
 * Tells of a file whether both sides have moved it, unchanged, to the same place: git looks for such first, and the same
 * files of that content were there to choose from.
 */
function movedAlike(ours: Side, theirs: Side): (entry: Entry) => boolean {
  const sides = [ours, theirs].map(({ added, removed }) => ({
    to: pathsByOid(added),
    from: pathsByOid(removed),
  }));
  const [one, other] = sides;
  return ({ oid }) => {
    const to = one?.to.get(oid);
    return (
      to !== undefined && isAlike(to, other?.to.get(oid)) && isAlike(one?.from.get(oid), other?.from.get(oid))
    );
  };
}

function isAlike(some: ReadonlySet<string> = new Set(), others: ReadonlySet<string> = new Set()): boolean {
  return some.size === others.size && [...some].every((path) => others.has(path));
}

function pathsByOid(entries: ReadonlyMap<string, Entry>): ReadonlyMap<Oid, ReadonlySet<string>> {
  const paths = new Map<Oid, Set<string>>();
  for (const [path, { oid }] of entries) {
    const known = paths.get(oid);
    if (known === undefined) paths.set(oid, new Set([path]));
    else known.add(path);
  }
  return paths;
}

/** Each content once: a file that is there many times over is compared as one. */
function byContent(entries: Iterable<readonly [string, Entry]>): ReadonlyMap<string, Copies> {
  const copies = new Map<string, { readonly entry: Entry; readonly paths: string[] }>();
  for (const [path, entry] of entries) {
    const key = `${entry.mode} ${entry.oid}`;
    const known = copies.get(key);
    if (known === undefined) copies.set(key, { entry, paths: [path] });
    else known.paths.push(path);
  }
  return copies;
}

function* entriesOf(copies: ReadonlyMap<string, Copies>): Generator<Entry> {
  for (const { entry } of copies.values()) yield entry;
}

/** Whether any file below a folder of the base may be one of those that were added. */
async function isFolderMoved(
  objects: MergeObjects,
  { base }: Sides,
  path: string,
  added: ReadonlyMap<string, Copies>,
  likeness: Likeness,
): Promise<boolean> {
  if (added.size === 0) return false;
  let folder = base;
  for (const name of path.split('/')) folder = (await objects.folder(folder)).get(name)?.oid;
  for await (const { before } of folderChanges(objects, folder, undefined, path)) {
    if (before !== undefined && (await likeness.isAny(entriesOf(added), before))) return true;
  }
  return false;
}

/** Files that a side has and the base has not, and the other way round. */
async function sideOf(objects: MergeObjects, base: Oid | undefined, side: Oid | undefined): Promise<Side> {
  const added = new Map<string, Entry>();
  const removed = new Map<string, Entry>();
  for await (const { path, before, after } of folderChanges(objects, base, side)) {
    if (before === undefined && after !== undefined) added.set(path, after);
    if (before !== undefined && after === undefined) removed.set(path, before);
    objects.work.files(added.size + removed.size);
  }
  return { added, removed };
}

function except(
  entries: ReadonlyMap<string, Entry>,
  others: ReadonlyMap<string, Entry>,
): readonly (readonly [string, Entry])[] {
  return [...entries].filter(([path, entry]) => !isSame(entry, others.get(path)));
}
