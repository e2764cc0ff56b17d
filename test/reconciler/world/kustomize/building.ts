import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ParsedSpecs, parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { FolderTree } from '../../../../reconciler/world/git/folder-tree.ts';
import { readWorktree } from '../../../../reconciler/world/git/worktree.ts';
import {
  Kustomize,
  KUSTOMIZE_LIMITS,
  type KustomizeLimits,
} from '../../../../reconciler/world/kustomize/kustomize.ts';
import type { KeySource } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { readSources, type Sources } from '../../../../reconciler/world/sources/read-sources.ts';
import { findPrograms } from '../../../cluster/programs.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';

/** The kubectl of the test control plane, which has kustomize in it. To be awaited at the top of a test file. */
export async function kubectl(): Promise<string> {
  return (await findPrograms(['kubectl'])).kubectl;
}

export type Files = Readonly<Record<string, string | { readonly link: string }>>;

/** Writes files into a fresh folder, and gives it. */
export async function written(files: Files): Promise<string> {
  const folder = await scratchFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if (typeof content === 'string') await writeFile(join(folder, name), content);
    else await symlink(content.link, join(folder, name));
  }
  return folder;
}

export interface BuildOptions {
  /** kustomize or kubectl. */
  readonly program: string;
  /** Folder that is read; the root where unset. */
  readonly path?: string;
  readonly limits?: Partial<KustomizeLimits>;
  readonly signal?: AbortSignal;
  readonly keys?: KeySource;
}

/** What the files of a folder become. */
export async function built(
  files: Files,
  { program, path = '', limits, signal, keys }: BuildOptions,
): Promise<Sources> {
  const folder = await written(files);
  const kustomize = new Kustomize(
    { program, searchPath: '' },
    { limits: { ...KUSTOMIZE_LIMITS, ...limits }, ...(signal === undefined ? {} : { signal }) },
  );
  const tree = new FolderTree(folder);
  return readSources(await readWorktree(folder, path), async (name) => ({ tree, path: name }), {
    kustomize,
    keys: keys ?? (async () => ({ age: [] })),
    withoutKey: 'error',
  });
}

/** Each file's name and text. */
export function texts({ files }: Sources): readonly (readonly [path: string, text: string])[] {
  return files.map(({ path, content }) => [path, Buffer.from(content).toString('utf8')]);
}

/** Findings in one line each: place, rule and message. */
export function told({ findings }: Pick<Sources, 'findings'>): readonly string[] {
  return findings.map(
    ({ file, line, column, rule, message }) => `${file}:${line}:${column} ${rule}: ${message}`,
  );
}

/** What the parser makes of sources. */
export function parsed({ files }: Sources): ParsedSpecs {
  return parseSpecs(files, { kinds: [], systemNamespace: 'weka-gitops-system' });
}
