import type { Finding } from '../../../core/spec/finding.ts';
import { nearest } from '../../../core/spec/nearest.ts';
import type { SourceFile } from '../../../core/spec/source.ts';
import { GitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { FOLDER, type TreeEntry } from '../objects/tree-entry.ts';
import { ManifestBudget } from './manifest-budget.ts';
import * as manifest from './manifest-file.ts';
import type { PackedContent, PackedContents } from './packed-contents.ts';

const LINK = '120000';
const SUBMODULE = '160000';
const PLAIN = /^100[0-7]{3}$/;

export interface Manifests {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** Their contents, so that a file that has not changed is not read again. */
  readonly contents: PackedContents;
}

/** The manifests below `path` in a commit's tree. `shown` is what messages call the repository. */
export async function readManifests(
  objects: GitObjects,
  root: Oid,
  path: string,
  options: { readonly limits: Limits; readonly known: PackedContents; readonly shown: string },
): Promise<Manifests> {
  const { limits, known, shown } = options;
  const folder = folderPath(path);
  const tree = await descend(objects, root, folder, shown);
  const where = folder === '' ? shown : `Folder ${folder} of ${shown}`;
  const budget = new ManifestBudget(where, limits);
  const { found, findings } = await list(objects, tree, folder, budget);

  const files: SourceFile[] = [];
  const contents = known.of(found.map(({ oid }) => oid));
  for (const file of found.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const blob = contents.get(file.oid) ?? (await objects.blob(file.oid, limits.fileBytes));
    if (typeof blob === 'number') {
      findings.push(manifest.sizeFinding(file.path, blob, limits));
      continue;
    }
    const content = blob instanceof Uint8Array ? contents.take(file.oid, blob) : blob;
    budget.read(content.size);
    const fault = faultless.has(content) ? undefined : manifest.contentFinding(file.path, content.bytes());
    if (fault !== undefined) {
      findings.push(fault);
      continue;
    }
    faultless.add(content);
    files.push(new PackedFile(file.path, file.oid, content));
  }
  contents.pack();
  return { files, findings: findings.toSorted((a, b) => (a.file < b.file ? -1 : 1)), contents };
}

/** Contents that were looked at before: they would have to be unpacked for it. */
const faultless = new WeakSet<PackedContent>();

class PackedFile implements SourceFile {
  readonly path: string;
  readonly oid: Oid;
  readonly #content: PackedContent;

  constructor(path: string, oid: Oid, content: PackedContent) {
    this.path = path;
    this.oid = oid;
    this.#content = content;
  }

  get content(): Uint8Array {
    return this.#content.bytes();
  }
}

interface Found {
  readonly path: string;
  readonly oid: Oid;
}

/** Every manifest below a tree. Too many are counted and then refused, before any is read. */
async function list(objects: GitObjects, tree: Oid, folder: string, budget: ManifestBudget) {
  const found: Found[] = [];
  const findings: Finding[] = [];
  const folders: Found[] = [{ path: folder, oid: tree }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const { mode, name, oid } of await objects.tree(next.oid)) {
      const named = mode !== FOLDER && manifest.isManifest(name);
      const wanted = !manifest.isHidden(name);
      const room = budget.entry(named && wanted);
      if (!wanted) continue;
      const path = next.path === '' ? name : `${next.path}/${name}`;
      if (mode === FOLDER && manifest.isPlainName(name)) folders.push({ path, oid });
      if (!room) continue;
      const finding = faultOf(mode, named, next.path, name, path);
      if (finding !== undefined) findings.push(finding);
      else if (named) found.push({ path, oid });
    }
  }
  budget.check();
  return { found, findings };
}

function faultOf(
  mode: string,
  named: boolean,
  folder: string,
  name: string,
  path: string,
): Finding | undefined {
  const matters = named || !PLAIN.test(mode);
  if (matters && !manifest.isPlainName(name)) return manifest.nameFinding(folder, name);
  if (mode === LINK) return manifest.symlinkFinding(path);
  if (mode === SUBMODULE) return manifest.submoduleFinding(path);
  return mode === FOLDER || PLAIN.test(mode) ? undefined : manifest.specialFileFinding(path);
}

/** The configured path without what does not matter in it. */
function folderPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new GitError('PATH_NOT_FOUND', `The path ${JSON.stringify(path)} leads out of the repository.`, {
      hint: 'Give it from the root of the repository, without “..”.',
    });
  }
  return parts.join('/');
}

async function descend(objects: GitObjects, root: Oid, folder: string, shown: string): Promise<Oid> {
  let tree = root;
  let done = '';
  for (const part of folder === '' ? [] : folder.split('/')) {
    const entries = await objects.tree(tree);
    const here = done === '' ? part : `${done}/${part}`;
    const entry = entries.find(({ name }) => name === part);
    if (entry?.mode !== FOLDER) throw pathNotFound(shown, folder, here, entry, entries, done);
    tree = entry.oid;
    done = here;
  }
  return tree;
}

function pathNotFound(
  shown: string,
  folder: string,
  here: string,
  entry: TreeEntry | undefined,
  siblings: readonly TreeEntry[],
  parent: string,
): GitError {
  if (entry !== undefined) {
    const what =
      entry.mode === LINK ? 'a symbolic link' : entry.mode === SUBMODULE ? 'a submodule' : 'a file';
    return new GitError('PATH_NOT_FOUND', `${shown} has no folder ${folder}: ${here} is ${what}.`, {
      hint: 'Set repository.path to a folder of the repository.',
    });
  }
  const names = siblings.filter(({ mode }) => mode === FOLDER).map(({ name }) => name);
  const near = nearest(here.slice(here.lastIndexOf('/') + 1), names);
  const folders = names.filter((name) => !manifest.isHidden(name) && manifest.isPlainName(name)).slice(0, 5);
  const there = parent === '' ? 'Its root' : parent;
  const known = folders.length === 0 ? `${there} has no folders.` : `${there} has ${folders.join(', ')}.`;
  return new GitError('PATH_NOT_FOUND', `${shown} has no folder ${folder}.`, {
    hint: near === undefined ? known : `Did you mean ${parent === '' ? near : `${parent}/${near}`}? ${known}`,
  });
}
