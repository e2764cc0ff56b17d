import { posix } from 'node:path';
import type { Finding } from '../../core/spec/finding.ts';
import type { RepositoryTree } from '../../ports.ts';
import { describeBytes, describeCount } from '../git/limits.ts';
import { contentFinding } from '../git/snapshot/manifest-file.ts';
import { Kustomization, KUSTOMIZATION_NAMES, fieldsOf } from './kustomization.ts';
import { pluginConfig } from './plugin-config.ts';
import { type Bounds, outsideFault, referenceFault } from './reference-fault.ts';
import { isRemote, type Reference, referencesOf } from './references.ts';

/** A folder with a kustomization file, in a repository. */
export interface KustomizeFolder {
  readonly tree: RepositoryTree;
  /** From the root of the repository on; empty for the root itself. */
  readonly path: string;
  /** As findings call it; it may differ from `path` where somebody named a folder. */
  readonly name: string;
  /** What `tree` is: the whole repository where nothing else is said. */
  readonly bounds?: Bounds;
}

/** What building one folder may read. */
export interface CollectLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/** Everything that building a folder reads. Where there are findings, it must not be built. */
export interface Collected {
  readonly folder: KustomizeFolder;
  readonly kustomizations: ReadonlyMap<string, Kustomization>;
  /** Contents by path, sorted. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly Finding[];
}

/** Reads a folder's kustomization and all that it names, and refuses what leads out of the repository or runs programs. */
export async function collect(folder: KustomizeFolder, limits: CollectLimits): Promise<Collected> {
  const collector = new Collector(folder, limits);
  await collector.folder(folder.path);
  return collector.result();
}

/** The name of a file as findings call it. */
export function nameIn({ path, name }: Pick<KustomizeFolder, 'path' | 'name'>, file: string): string {
  return posix.join(name, posix.relative(`/${path}`, `/${file}`));
}

class Collector {
  readonly #folder: KustomizeFolder;
  readonly #limits: CollectLimits;
  readonly #kustomizations = new Map<string, Kustomization>();
  readonly #seen = new Set<string>();
  readonly #files = new Map<string, Uint8Array>();
  readonly #findings: Finding[] = [];
  #bytes = 0;
  #full = false;

  constructor(folder: KustomizeFolder, limits: CollectLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  async folder(start: string): Promise<void> {
    const waiting = [start];
    for (let next = waiting.pop(); next !== undefined && !this.#full; next = waiting.pop()) {
      if (this.#seen.has(next)) continue;
      this.#seen.add(next);
      const kustomization = await this.#kustomization(next);
      if (kustomization === undefined) continue;
      this.#kustomizations.set(next, kustomization);
      this.#refuseHelm(kustomization);
      for (const reference of referencesOf(kustomization.value)) {
        if (this.#full) return;
        const found = await this.#follow(kustomization, next, reference);
        if (found !== undefined) waiting.push(found);
      }
    }
  }

  result(): Collected {
    return {
      folder: this.#folder,
      kustomizations: this.#kustomizations,
      files: new Map([...this.#files].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      findings: this.#findings,
    };
  }

  /** The folder that a reference names, which is then to be looked into. */
  async #follow(from: Kustomization, dir: string, reference: Reference): Promise<string | undefined> {
    const { path, text, wants } = reference;
    if ((wants === 'plugin' || wants === 'patch') && isOwnText(text)) {
      if (wants === 'plugin') await this.#plugin(from, dir, path, Buffer.from(text));
      return undefined;
    }
    const target = this.#target(from, dir, reference);
    if (target === undefined) return undefined;
    const entry = await this.#folder.tree.entry(target);
    const isFolder = entry?.kind === 'folder';
    const fault = referenceFault(reference, {
      kind: entry?.kind,
      isKustomization: isFolder && (await this.#kustomizationNames(target)).length > 0,
      isWithin: isWithin(target, dir),
    });
    if (fault !== undefined) {
      this.#findings.push(from.finding('kustomize-reference', path, fault.message, fault.hint));
      return undefined;
    }
    if (isFolder) return target;
    const content = await this.#file(target, from, path);
    if (wants === 'plugin' && content !== undefined) await this.#plugin(from, dir, path, content);
    return undefined;
  }

  /** The place that is named, unless it is none of this repository. */
  #target(from: Kustomization, dir: string, reference: Reference, at = reference.path): string | undefined {
    const { text } = reference;
    if (isRemote(text)) {
      const message = 'This is read from another place than this repository.';
      const hint =
        'Copy what it refers to into this repository: only what is committed here is reviewed here.';
      this.#findings.push(from.finding('kustomize-remote', at, message, hint));
      return undefined;
    }
    const target = posix.join(dir, text);
    if (posix.isAbsolute(text) || target === '..' || target.startsWith('../')) {
      const { message, hint } = outsideFault(reference, this.#folder.bounds ?? 'repository');
      this.#findings.push(from.finding('kustomize-remote', at, message, hint));
      return undefined;
    }
    return target === '.' || target === './' ? '' : target.replace(/\/+$/, '');
  }

  /** What a plugin's configuration names is read where it is there: not every `path` in it is a file's. */
  async #plugin(
    from: Kustomization,
    dir: string,
    path: Reference['path'],
    content: Uint8Array,
  ): Promise<void> {
    const config = pluginConfig(content);
    if ('refused' in config) {
      const hint = 'Plugins are not run: use what kustomize has built in, or commit what the plugin makes.';
      this.#findings.push(from.finding('kustomize-plugin', path, `This plugin ${config.refused}.`, hint));
      return;
    }
    for (const reference of config.references) {
      if (isOwnText(reference.text)) continue;
      const target = this.#target(from, dir, reference, path);
      if (target === undefined || !isWithin(target, dir)) continue;
      const entry = await this.#folder.tree.entry(target);
      if (entry?.kind === 'file') await this.#file(target, from, path);
    }
  }

  #refuseHelm(kustomization: Kustomization): void {
    for (const field of ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals']) {
      for (const [name] of fieldsOf(kustomization.value, field)) {
        const hint = 'Commit what helm template makes of the chart, and list that under resources.';
        const message = `${name} runs Helm, which fetches charts from elsewhere.`;
        this.#findings.push(kustomization.finding('kustomize-plugin', [name], message, hint));
      }
    }
  }

  async #kustomization(dir: string): Promise<Kustomization | undefined> {
    const [name, second] = await this.#kustomizationNames(dir);
    if (name === undefined) return undefined;
    const path = posix.join(dir, name);
    const called = nameIn(this.#folder, path);
    if (second !== undefined) {
      const message = `The folder has two kustomization files, ${name} and ${second}.`;
      this.#tell('kustomize-reference', called, message, 'Keep one of them.');
      return undefined;
    }
    const content = await this.#file(path);
    if (content === undefined) return undefined;
    const read = Kustomization.read({ path: called, content }, path);
    if (read instanceof Kustomization) return read;
    this.#findings.push(read);
    return undefined;
  }

  async #kustomizationNames(dir: string): Promise<readonly string[]> {
    const entries = await Promise.all(
      KUSTOMIZATION_NAMES.map(async (name) => ({
        name,
        entry: await this.#folder.tree.entry(posix.join(dir, name)),
      })),
    );
    return entries.filter(({ entry }) => entry?.kind === 'file').map(({ name }) => name);
  }

  async #file(
    path: string,
    from?: Kustomization,
    at: Reference['path'] = [],
  ): Promise<Uint8Array | undefined> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const { files, fileBytes, totalBytes } = this.#limits;
    const content = await this.#folder.tree.read(path, fileBytes);
    const name = nameIn(this.#folder, path);
    if (typeof content === 'number') {
      const message = `The file has ${describeBytes(content)}, and at most ${describeBytes(fileBytes)} are read.`;
      this.#tell('file-too-large', name, message, 'Split it into several files.');
      return undefined;
    }
    const fault = contentFinding(name, content);
    if (fault !== undefined) {
      this.#findings.push(fault);
      return undefined;
    }
    this.#bytes += content.byteLength;
    this.#files.set(path, content);
    if (this.#files.size > files || this.#bytes > totalBytes) {
      this.#full = true;
      const most = `${describeCount(files)} files or ${describeBytes(totalBytes)}`;
      const message = `The folder needs more than ${most} to be built.`;
      const hint = 'Split it into several folders.';
      if (from === undefined) this.#tell('kustomize-limits', name, message, hint);
      else this.#findings.push(from.finding('kustomize-limits', at, message, hint));
      return undefined;
    }
    return content;
  }

  #tell(rule: string, file: string, message: string, hint: string): void {
    this.#findings.push({ level: 'error', rule, file, line: 1, column: 1, message, hint });
  }
}

/** Whether a text stands for itself and not for a file. */
export function isOwnText(text: string): boolean {
  // What looks like an address is tried as one first, whatever follows.
  return /[\n{]|:\s/.test(text) && !isRemote(text);
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
