import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex } from '../../core/kube/hash.ts';
import type { Finding } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { describeBytes } from '../git/limits.ts';
import { buildFailure } from './build-failure.ts';
import type { Collected, CollectLimits } from './collect.ts';
import { findKustomize, type KustomizePlaces, type KustomizeProgram } from './find-kustomize.ts';
import { fieldsOf, type Kustomization } from './kustomization.ts';
import { inPrivateFolder, TemporaryFolderError } from './private-folder.ts';
import { renderedFiles } from './rendered-files.ts';
import { type Build, runKustomize, type RunLimits } from './run-kustomize.ts';

const MIB = 1024 * 1024;

export type KustomizeLimits = CollectLimits & RunLimits;

export const KUSTOMIZE_LIMITS: KustomizeLimits = {
  files: 5_000,
  fileBytes: 4 * MIB,
  totalBytes: 64 * MIB,
  timeMs: 30_000,
  outputBytes: 64 * MIB,
};

/** What a folder became. */
export interface Rendered {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

const MISSING = 'kustomize-missing';
const LIMITS = 'kustomize-limits';

const ASKED_FOR = 'originAnnotations';

/** Builds folders with the kustomize of this machine. A folder of which nothing has changed is not built again. */
export class Kustomize {
  readonly limits: KustomizeLimits;
  readonly #places: KustomizePlaces;
  readonly #signal: AbortSignal | undefined;
  #known = new Map<string, Rendered>();
  #used = new Map<string, Rendered>();

  constructor(
    places: KustomizePlaces,
    {
      limits = KUSTOMIZE_LIMITS,
      signal,
    }: { readonly limits?: KustomizeLimits; readonly signal?: AbortSignal } = {},
  ) {
    this.limits = limits;
    this.#places = places;
    this.#signal = signal;
  }

  /** Keeps only what was asked for since this was last called. */
  forgetUnused(): void {
    this.#known = this.#used;
    this.#used = new Map();
  }

  async render(collected: Collected): Promise<Rendered> {
    const top = collected.kustomizations.get(collected.folder.path);
    if (top === undefined || collected.findings.length > 0)
      return { files: [], findings: collected.findings };
    // It only says how others are to be changed; those that include it have it in them.
    if (top.value['kind'] === 'Component') return { files: [], findings: [unusedComponent(top)] };
    const key = keyOf(collected);
    const known = this.#known.get(key) ?? (await this.#render(collected, top));
    // What is no fault of the files may be mended without a change of them.
    if (known.findings.some(({ rule }) => rule === MISSING || rule === LIMITS)) return known;
    this.#known.set(key, known);
    this.#used.set(key, known);
    return known;
  }

  async #render(collected: Collected, top: Kustomization): Promise<Rendered> {
    const failed = (message: string, hint: string): Rendered => ({
      files: [],
      findings: [top.finding(LIMITS, [], message, hint)],
    });
    const program = await findKustomize(this.#places);
    if (program === undefined) return { files: [], findings: [this.#missing(top)] };
    let build = await this.#build(program, collected, top);
    // On a machine that is short of time or memory, the second try may be luckier.
    if (build.result === 'lost' || build.result === 'too-slow')
      build = await this.#build(program, collected, top);
    switch (build.result) {
      case 'built':
        return {
          files: renderedFiles(build.output, collected, { keepOrigins: asksForOrigins(top) }),
          findings: [],
        };
      case 'failed':
        return { files: [], findings: buildFailure(build.errors, collected, top) };
      case 'lost':
        return failed(
          `kustomize was ended before it had built this folder (${build.how}).`,
          'Look whether the machine has too little memory for it, or try again.',
        );
      case 'too-slow':
        return failed(
          `kustomize took longer than ${this.limits.timeMs / 1000} s to build this folder.`,
          'Split it into several folders.',
        );
      case 'too-large':
        return failed(
          `What kustomize makes of this folder is larger than ${describeBytes(this.limits.outputBytes)}.`,
          'Split it into several folders.',
        );
    }
  }

  #build(program: KustomizeProgram, { files, folder }: Collected, top: Kustomization): Promise<Build> {
    return inPrivateFolder(async (root, ending) => {
      const repository = join(root, 'repository');
      const home = join(root, 'home');
      try {
        await mkdir(home);
        for (const [path, content] of files) {
          const file = join(repository, path);
          await mkdir(dirname(file), { recursive: true });
          const written = path === top.path ? withOrigins(top, content) : content;
          await writeFile(file, written, { mode: 0o600, flag: 'wx' });
        }
      } catch (cause) {
        throw new TemporaryFolderError(root, cause);
      }
      const signal = this.#signal === undefined ? ending : AbortSignal.any([ending, this.#signal]);
      const options = { home, limits: this.limits, signal };
      return runKustomize(program, join(repository, folder.path), options);
    });
  }

  #missing(top: Kustomization): Finding {
    const { program } = this.#places;
    const message =
      program === undefined
        ? 'This folder is built by kustomize, and neither kustomize nor kubectl is on the path.'
        : `This folder is built by kustomize, and ${program} is no program.`;
    const hint =
      'Install kustomize, or set kustomize in the configuration to the path of kustomize or kubectl.';
    return top.finding(MISSING, [], message, hint);
  }
}

function unusedComponent(top: Kustomization): Finding {
  const message = 'No kustomization here includes this component, so nothing of it is applied.';
  const hint = 'List the folder under components of a kustomization, or remove it.';
  return { ...top.finding('kustomize-reference', [], message, hint), level: 'warning' };
}

function asksForOrigins({ value }: Kustomization): boolean {
  return fieldsOf(value, 'buildMetadata').some(([, list]) => Array.isArray(list) && list.includes(ASKED_FOR));
}

/** The kustomization with the wish to be told what each object was made of. Its lines stay where they are. */
function withOrigins(top: Kustomization, content: Uint8Array): Uint8Array | string {
  if (asksForOrigins(top)) return content;
  const [metadata] = fieldsOf(top.value, 'buildMetadata');
  if (metadata === undefined && top.isOpenAtEnd) {
    return `${top.text.replace(/\n?$/, '\n')}buildMetadata: [${ASKED_FOR}]\n`;
  }
  const [name, list] = metadata ?? ['buildMetadata', []];
  const asked = Array.isArray(list) ? [...(list as readonly unknown[]), ASKED_FOR] : list;
  // JSON is YAML, and says the same.
  return JSON.stringify({ ...top.value, [name]: asked ?? [ASKED_FOR] });
}

/** The same for the same files under the same names. */
function keyOf({ folder, files }: Collected): string {
  const parts = [...files].map(([path, content]) => `${path}\0${sha256Hex(content)}`);
  return sha256Hex([folder.path, folder.name, ...parts].join('\0'));
}
