import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit, type GitOptions } from './git-command.ts';

/** What a commit makes of one path; `null` deletes it. */
export type Entry =
  string | Uint8Array | null | { readonly symlink: string } | { readonly submodule: string };

export interface CommitOptions {
  readonly message?: string;
  /** A branch's name; `main` where unset. It is made when it does not exist. */
  readonly branch?: string;
  /** `Name <address>`. */
  readonly author?: string;
  readonly date?: Date;
  /** The commit to build on instead of the branch's tip; `null` for none. What the branch held is then given up. */
  readonly onto?: string | null;
}

export type HookName = 'pre-receive' | 'update' | 'post-receive';

/** A bare repository on this machine, written by the git program. */
export class GitRepository {
  /** Where a client finds it: an address of the server, or the path. */
  readonly url: string;
  /** Its folder. */
  readonly path: string;

  /** Makes an empty one at `path`. */
  static async create(path: string, url: string = path): Promise<GitRepository> {
    await mkdir(join(path, 'hooks'), { recursive: true });
    await runGit(path, ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', '.']);
    const config = { 'gc.auto': '0', 'receive.autogc': 'false', 'maintenance.auto': 'false' };
    const repository = new GitRepository(path, url);
    // A collection in the background would outlive the test.
    for (const [name, value] of Object.entries(config)) await repository.git(['config', name, value]);
    return repository;
  }

  constructor(path: string, url: string) {
    this.path = path;
    this.url = url;
  }

  /** Runs any git command in the repository. */
  git(args: readonly string[], options?: GitOptions): Promise<string> {
    return runGit(this.path, args, options);
  }

  /** The commit a branch, tag or expression names; undefined where there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    const sha = await this.git([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]).catch(() => undefined);
    return sha === '' ? undefined : sha;
  }

  /** Commits `files` on top of what the branch holds. One process writes any number of files. */
  async commit(files: Readonly<Record<string, Entry>>, options: CommitOptions = {}): Promise<string> {
    const { message = 'Change', author = 'Ada Author <ada@example.com>', date = new Date() } = options;
    const ref = `refs/heads/${options.branch ?? 'main'}`;
    const parent = options.onto === undefined ? await this.resolve(ref) : options.onto;
    const when = `${Math.floor(date.getTime() / 1000)} +0000`;
    const input = Buffer.concat([
      line(`commit ${ref}`),
      line('mark :1'),
      line(`author ${author} ${when}`),
      line(`committer ${author} ${when}`),
      data(Buffer.from(`${message}\n`)),
      ...(parent ? [line(`from ${parent}`)] : []),
      ...Object.entries(files).flatMap(([path, entry]) => change(path, entry)),
      line('get-mark :1'),
      line('done'),
    ]);
    const force = options.onto === undefined ? [] : ['--force'];
    return this.git(['fast-import', '--quiet', '--done', ...force], { input });
  }

  /** As a forced push of an amended commit does: the branch's last commit gives way to another. */
  async rewrite(
    files: Readonly<Record<string, Entry>>,
    options: Omit<CommitOptions, 'onto'> = {},
  ): Promise<string> {
    const onto = (await this.resolve(`refs/heads/${options.branch ?? 'main'}~1`)) ?? null;
    return this.commit(files, { ...options, onto });
  }

  /** Makes a branch, or moves it. */
  async branch(name: string, at = 'main'): Promise<void> {
    await this.git(['branch', '--force', name, at]);
  }

  /** Makes a tag; an annotated one where it has a message. */
  async tag(name: string, { at = 'main', message }: { at?: string; message?: string } = {}): Promise<void> {
    await this.git(['tag', ...(message === undefined ? [] : ['--annotate', '--message', message]), name, at]);
  }

  /** The text of a file at a revision. */
  async file(path: string, revision = 'main'): Promise<string> {
    return this.git(['show', `${revision}:${path}`]);
  }

  /** Installs a shell script as a hook of the server's side; what it prints reaches the one who pushes. */
  async installHook(name: HookName, script: string): Promise<void> {
    await writeFile(join(this.path, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  async removeHook(name: HookName): Promise<void> {
    await rm(join(this.path, 'hooks', name), { force: true });
  }
}

// The language of `git fast-import`.

function line(text: string): Buffer {
  return Buffer.from(`${text}\n`);
}

function data(content: Uint8Array): Buffer {
  return Buffer.concat([line(`data ${content.byteLength}`), content, line('')]);
}

function change(path: string, entry: Entry): Buffer[] {
  const name = quote(path);
  if (entry === null) return [line(`D ${name}`)];
  if (typeof entry === 'string' || entry instanceof Uint8Array) {
    return [line(`M 100644 inline ${name}`), data(Buffer.from(entry))];
  }
  if ('symlink' in entry) return [line(`M 120000 inline ${name}`), data(Buffer.from(entry.symlink))];
  return [line(`M 160000 ${entry.submodule} ${name}`)];
}

function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
