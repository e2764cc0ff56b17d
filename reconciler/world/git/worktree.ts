import { open, opendir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Finding } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { GitError } from './errors.ts';
import { fileErrorCode } from './file-error.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { ManifestBudget } from './snapshot/manifest-budget.ts';
import * as manifest from './snapshot/manifest-file.ts';

export interface WorktreeFiles {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** The manifests below `path` of a working tree as they are now, committed or not. Their names are relative to `dir`. */
export async function readWorktree(
  dir: string,
  path: string,
  limits: Limits = DEFAULT_LIMITS,
): Promise<WorktreeFiles> {
  const folder = relative(dir, resolve(dir, path.replace(/^\/+/, '')));
  if (folder.split(sep)[0] === '..') {
    throw new GitError('PATH_NOT_FOUND', `The path ${JSON.stringify(path)} leads out of ${dir}.`, {
      hint: 'Give it from the folder on, without “..”.',
    });
  }
  // A link within the path could lead anywhere.
  const inside = await realpath(join(dir, folder)).catch(() => undefined);
  if (inside !== undefined && inside !== join(await realpath(dir), folder)) {
    const message = `${join(dir, folder)} is a symbolic link, and links are not followed.`;
    throw new GitError('PATH_NOT_FOUND', message, { hint: 'Give the folder that it points to.' });
  }
  const reader = new WorktreeReader(limits, join(dir, folder));
  if ((await kindOf(join(dir, folder))) !== 'folder') throw notFound(join(dir, folder), 'folder');
  await reader.folder(join(dir, folder), folder.split(sep).join('/'));
  return reader.result();
}

/** Files and folders that somebody named. Files are called as they were given, those in a folder beneath its name. */
export async function readFiles(
  paths: readonly string[],
  limits: Limits = DEFAULT_LIMITS,
): Promise<WorktreeFiles> {
  const reader = new WorktreeReader(limits, paths.join(', '));
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === undefined) throw notFound(path, 'file or folder');
    const name = path.replace(/^(\.\/+)+(?=.)/, '').replace(/(?<=.)\/+$/, '');
    if (kind === 'folder') await reader.folder(path, name === '.' ? '' : name);
    // Somebody asked for this one by its name, so neither its ending nor a link on the way matters.
    else await reader.file(path, name);
  }
  return reader.result();
}

class WorktreeReader {
  readonly #limits: Limits;
  readonly #budget: ManifestBudget;
  readonly #found = new Map<string, string>();
  readonly #findings: Finding[] = [];

  constructor(limits: Limits, where: string) {
    this.#limits = limits;
    this.#budget = new ManifestBudget(where, limits);
  }

  async file(path: string, name: string): Promise<void> {
    if (this.#budget.entry(true)) this.#found.set(name, path);
  }

  async folder(root: string, rootName: string): Promise<void> {
    const folders = [{ path: root, name: rootName }];
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      // Read entry by entry, so that a folder of millions does not fill our memory; as bytes, so that no name is lost.
      for await (const entry of await opendir(next.path, { bufferSize: 1024 })) {
        const named = !entry.isDirectory() && manifest.isManifest(entry.name);
        const wanted = !manifest.isHidden(entry.name);
        const room = this.#budget.entry(named && wanted);
        if (!wanted) continue;
        const path = join(next.path, entry.name);
        const name = next.name === '' ? entry.name : `${next.name}/${entry.name}`;
        const plain = manifest.isPlainName(entry.name);
        if (entry.isDirectory() && plain) folders.push({ path, name });
        if (!room) continue;
        if (!plain && (named || !entry.isFile()))
          this.#findings.push(manifest.nameFinding(next.name, entry.name));
        else if (entry.isSymbolicLink()) this.#findings.push(manifest.symlinkFinding(name));
        else if (!entry.isFile() && named) this.#findings.push(manifest.specialFileFinding(name));
        else if (named) this.#found.set(name, path);
      }
    }
  }

  async result(): Promise<WorktreeFiles> {
    this.#budget.check();
    const files: SourceFile[] = [];
    for (const [name, path] of [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const content = await this.#read(path, name);
      const fault = content === undefined ? undefined : manifest.contentFinding(name, content);
      if (fault !== undefined) this.#findings.push(fault);
      else if (content !== undefined) files.push({ path: name, content });
    }
    return { files, findings: this.#findings.toSorted((a, b) => (a.file < b.file ? -1 : 1)) };
  }

  async #read(path: string, name: string): Promise<Uint8Array | undefined> {
    try {
      await using file = await open(path, 'r');
      const { size } = await file.stat();
      // A pipe that somebody named says how much it holds only when it has been read.
      const content = size > this.#limits.fileBytes ? undefined : await file.readFile();
      const bytes = content?.byteLength ?? size;
      if (bytes > this.#limits.fileBytes) {
        this.#findings.push(manifest.sizeFinding(name, bytes, this.#limits));
        return undefined;
      }
      this.#budget.read(bytes);
      return content;
    } catch (error) {
      const code = fileErrorCode(error);
      if (code === undefined) throw error;
      throw new GitError('PATH_NOT_FOUND', `${name} cannot be read (${code}).`, {
        hint: 'It may belong to somebody else, or have been removed just now.',
        cause: error,
      });
    }
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

function notFound(path: string, what: string): GitError {
  return new GitError('PATH_NOT_FOUND', `There is no ${what} ${path}.`, {
    hint: 'Give the path from the folder that this is run in.',
  });
}
