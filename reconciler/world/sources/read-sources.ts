import { posix } from 'node:path';
import { type Finding, isError } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { bounded } from '../apply/bounded.ts';
import { type Collected, collect, type KustomizeFolder, nameIn } from '../kustomize/collect.ts';
import { KUSTOMIZATION_NAMES } from '../kustomize/kustomization.ts';
import type { Kustomize } from '../kustomize/kustomize.ts';
import { type KeySource, openSealed } from '../secrets/open-sealed.ts';
import { approvalsBeside } from './approvals-beside.ts';
import { openRendered, sealedFindings } from './sealed-folder.ts';

/** Files of a repository, with what was refused among them. */
export interface Sources {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** Where a folder that findings call `name` is: the repository around it, and its path within. */
export type Locate = (name: string) => Promise<Omit<KustomizeFolder, 'name'>>;

/** What reads sources besides the files themselves. */
export interface SourcesTools {
  readonly kustomize: Kustomize;
  readonly keys: KeySource;
  /** How much it matters that there is no key for a file. */
  readonly withoutKey: 'error' | 'warning';
}

/** Builds that run at the same time. */
const AT_ONCE = 2;

/**
 * What the parser gets of the files of a repository. The topmost kustomization counts for its whole folder: what lies
 * below it is what kustomize makes of it, and approvals beside it. One that another includes is built through that one
 * only.
 */
export async function readSources(
  { files, findings }: Sources,
  locate: Locate,
  { kustomize, keys, withoutKey }: SourcesTools,
): Promise<Sources> {
  const roots = topmostKustomizations(files.map(({ path }) => path));
  const collected = await Promise.all(
    roots.map(async (name) => collect({ ...(await locate(name)), name }, kustomize.limits)),
  );
  const plain = [
    ...files.filter(({ path }) => !roots.some((root) => isBelow(path, root))),
    ...approvalsBeside(files, roots, filesOf(collected)),
  ];
  const opened = await openSealed(plain, keys, { withoutKey });
  if (roots.length === 0) return { files: opened.files, findings: [...findings, ...opened.findings] };
  const rendered = await bounded(notIncluded(collected), AT_ONCE, async (each) => {
    const sealed = await sealedFindings(each, keys, withoutKey);
    if (sealed.some(isError)) return { files: [], findings: sealed };
    const { files: made, findings: told } = await kustomize.render(each);
    const all = await Promise.all(made.map((file) => openRendered(file, keys)));
    return {
      files: all.flatMap((one) => one.files),
      findings: [...sealed, ...told, ...all.flatMap((one) => one.findings)],
    };
  });
  kustomize.forgetUnused();
  return {
    files: [...opened.files, ...rendered.flatMap((each) => each.files)].toSorted((a, b) =>
      a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
    ),
    findings: withoutRepeats([...findings, ...opened.findings, ...rendered.flatMap((each) => each.findings)]),
  };
}

/** All that is read to build, as findings call it. */
function filesOf(collected: readonly Collected[]): ReadonlySet<string> {
  return new Set(
    collected.flatMap(({ folder, files }) => [...files.keys()].map((path) => nameIn(folder, path))),
  );
}

/** The folders with a kustomization file that are in no other such folder. */
export function topmostKustomizations(paths: readonly string[]): readonly string[] {
  const names: readonly string[] = KUSTOMIZATION_NAMES;
  const folders = new Set(paths.filter((path) => names.includes(posix.basename(path))).map(folderOf));
  return [...folders].filter((folder) => !parentsOf(folder).some((parent) => folders.has(parent))).toSorted();
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

function parentsOf(folder: string): readonly string[] {
  const parents: string[] = [];
  for (let at = folder; at !== '' && at !== '/' && !/(^|\/)\.\.$/.test(at);) {
    at = folderOf(at);
    parents.push(at);
  }
  return parents;
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Of several that include each other in a circle the first one stays, so that somebody is told. */
function notIncluded(all: readonly Collected[]): readonly Collected[] {
  const includes = (outer: Collected, inner: Collected): boolean =>
    outer !== inner && outer.folder.path !== inner.folder.path && outer.kustomizations.has(inner.folder.path);
  return all.filter(
    (inner, index) =>
      !all.some((outer, other) => includes(outer, inner) && (!includes(inner, outer) || other < index)),
  );
}

function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const known = new Map(findings.map((each) => [JSON.stringify(each), each]));
  return [...known.values()].toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}
