import type { Oid } from '../objects/git-object.ts';
import { MergeAttributes } from './merge-attributes.ts';
import type { MergeObjects } from './merge-objects.ts';
import { mergeText } from './merge-text.ts';
import { movedFiles, type Suspects } from './moved-files.ts';
import { type Entry, isFolder, isPlain, isSame, pathIn, shownPath } from './raw-folder.ts';

/** Larger files are left to a person, as those are that no text is in. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Conflicts that are told; beyond these the merge is given up. */
const MOST_CONFLICTS = 1_000;

/** The root folders of three commits. */
export interface Sides {
  readonly base: Oid | undefined;
  readonly ours: Oid | undefined;
  readonly theirs: Oid | undefined;
}

export interface MergedFolder {
  /** Undefined where nothing is in it. */
  readonly folder: Oid | undefined;
  /** Files that a person has to merge, sorted. Where there are any, the folder means nothing. */
  readonly conflicts: readonly string[];
}

export interface MergeOptions {
  /** What becomes of a file whose content both sides have changed in ways that do not go together. */
  readonly unmerged: 'conflict' | 'unknown';
}

/**
 * The folder with the changes of both sides in it. What it gives without a conflict is what git gives; where git follows
 * files that were renamed, this may have a conflict where git has none, and never the other way round.
 */
export async function mergeFolders(
  objects: MergeObjects,
  sides: Sides,
  options: MergeOptions,
): Promise<MergedFolder> {
  const merger = new FolderMerger(objects, sides, options);
  const folder = await merger.merge();
  const { conflicts } = merger;
  if (conflicts.size === 0) {
    const moved = await movedFiles(objects, sides, merger.suspects, MOST_CONFLICTS);
    for (const path of moved) conflicts.add(path);
  }
  return { folder, conflicts: [...conflicts].map(shownPath).toSorted() };
}

/** The topmost folder around a path that one side has taken away, by side. */
interface TakenAway {
  readonly ours?: string | undefined;
  readonly theirs?: string | undefined;
}

class FolderMerger {
  readonly conflicts = new Set<string>();
  readonly suspects: Suspects = { changedAlike: [], goneOnBoth: new Map(), intoTakenAway: [] };
  readonly #objects: MergeObjects;
  readonly #sides: Sides;
  readonly #options: MergeOptions;
  readonly #attributes: MergeAttributes;

  constructor(objects: MergeObjects, sides: Sides, options: MergeOptions) {
    this.#objects = objects;
    this.#sides = sides;
    this.#options = options;
    this.#attributes = new MergeAttributes(objects, [sides.base, sides.ours, sides.theirs]);
  }

  merge(): Promise<Oid | undefined> {
    return this.#folder(this.#sides, '', {});
  }

  async #folder({ base, ours, theirs }: Sides, path: string, away: TakenAway): Promise<Oid | undefined> {
    if (ours === theirs) {
      if (base !== ours) this.suspects.changedAlike.push({ before: base, after: ours, path });
      return ours;
    }
    if (base === ours) {
      this.#noteAdded(base, away.ours, 'ours', { path, folder: theirs });
      return theirs;
    }
    if (base === theirs) {
      this.#noteAdded(base, away.theirs, 'theirs', { path, folder: ours });
      return ours;
    }
    const [old, mine, other] = [
      await this.#objects.folder(base),
      await this.#objects.folder(ours),
      await this.#objects.folder(theirs),
    ];
    const merged = new Map<string, Entry>();
    for (const name of new Set([...old.keys(), ...mine.keys(), ...other.keys()])) {
      if (this.conflicts.size >= MOST_CONFLICTS) break;
      const pause = this.#objects.work.step();
      if (pause !== undefined) await pause;
      const entries = { base: old.get(name), ours: mine.get(name), theirs: other.get(name) };
      const entry = await this.#entry(entries, pathIn(path, name), away);
      if (entry !== undefined) merged.set(name, entry);
    }
    return this.#objects.addFolder(merged, [base, ours, theirs]);
  }

  /** A name may be a file on one side and a folder on the other, each with a history of its own. */
  async #entry(
    { base, ours, theirs }: Three<Entry>,
    path: string,
    away: TakenAway,
  ): Promise<Entry | undefined> {
    if (isSame(ours, theirs) && isSame(base, ours)) return ours;
    const [old, mine, other] = [folderOf(base), folderOf(ours), folderOf(theirs)];
    const folder = await this.#folder({ base: old, ours: mine, theirs: other }, path, {
      ours: away.ours ?? (old !== undefined && mine === undefined ? path : undefined),
      theirs: away.theirs ?? (old !== undefined && other === undefined ? path : undefined),
    });
    const file = await this.#file(
      { base: fileOf(base), ours: fileOf(ours), theirs: fileOf(theirs) },
      path,
      away,
    );
    if (folder === undefined) return file;
    if (file !== undefined) this.conflicts.add(path);
    return { mode: '40000', oid: folder };
  }

  async #file(
    { base, ours, theirs }: Three<Entry>,
    path: string,
    away: TakenAway,
  ): Promise<Entry | undefined> {
    if (isSame(ours, theirs)) {
      if (base !== undefined && ours === undefined) this.suspects.goneOnBoth.set(path, base);
      return ours;
    }
    if (isSame(base, ours)) {
      this.#noteAdded(base, away.ours, 'ours', { path });
      return theirs;
    }
    if (isSame(base, theirs)) {
      this.#noteAdded(base, away.theirs, 'theirs', { path });
      return ours;
    }
    const areFiles = isPlain(base) && isPlain(ours) && isPlain(theirs);
    if (base === undefined || ours === undefined || theirs === undefined || !areFiles) {
      this.conflicts.add(path);
      return ours;
    }
    const mode = merged(base.mode, ours.mode, theirs.mode);
    const oid = merged(base.oid, ours.oid, theirs.oid) ?? (await this.#content({ base, ours, theirs }, path));
    if (mode !== undefined && oid !== undefined) return { mode, oid };
    if (mode !== undefined && this.#options.unmerged === 'unknown') {
      return { mode, oid: this.#objects.addUnknown(path) };
    }
    this.conflicts.add(path);
    return ours;
  }

  async #content(files: Required<Three<Entry>>, path: string): Promise<Oid | undefined> {
    const entries = [files.base, files.ours, files.theirs];
    if (entries.some((entry) => entry === undefined || this.#objects.isUnknown(entry.oid))) return undefined;
    const contents: Uint8Array[] = [];
    for (const entry of entries) {
      const content = entry && (await this.#objects.file(entry.oid, MOST_BYTES));
      if (content === undefined || typeof content === 'number') return undefined;
      contents.push(content);
    }
    const [base, ours, theirs] = contents;
    if (base === undefined || ours === undefined || theirs === undefined) return undefined;
    const text = await mergeText({ base, ours, theirs }, this.#objects.work);
    if (text === undefined || (await this.#attributes.areSet(path))) return undefined;
    return this.#objects.add('blob', Buffer.from(text.buffer, text.byteOffset, text.byteLength));
  }

  /** Notes what one side added where the other has taken the folder away. */
  #noteAdded(
    base: unknown,
    takenAway: string | undefined,
    by: 'ours' | 'theirs',
    added: { readonly path: string; readonly folder?: Oid | undefined },
  ): void {
    if (base === undefined && takenAway !== undefined) {
      this.suspects.intoTakenAway.push({ ...added, takenAway, by });
    }
  }
}

type Three<Value> = {
  readonly base: Value | undefined;
  readonly ours: Value | undefined;
  readonly theirs: Value | undefined;
};

function folderOf(entry: Entry | undefined): Oid | undefined {
  return isFolder(entry) ? entry?.oid : undefined;
}

function fileOf(entry: Entry | undefined): Entry | undefined {
  return isFolder(entry) ? undefined : entry;
}

/** The value that one side changed, or both alike. */
function merged<Value>(base: Value, ours: Value, theirs: Value): Value | undefined {
  if (ours === theirs || base === ours) return theirs;
  return base === theirs ? ours : undefined;
}
