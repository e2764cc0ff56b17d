import type { MergePreview, Merges } from '../../forge-port.ts';
import type { Snapshot } from '../../ports.ts';
import type { Finding } from '../../core/spec/finding.ts';
import { canonicalJson } from '../../core/kube/hash.ts';
import { OneAtATime } from '../git/merge/one-at-a-time.ts';
import { Kustomize } from '../kustomize/kustomize.ts';
import type { KeySource } from '../secrets/open-sealed.ts';
import { readSources, type SourcesTools } from './read-sources.ts';
import type { SourcesConfig } from './sources-config.ts';

type Merged = Extract<MergePreview, { readonly result: 'merged' }>;

/**
 * Merges with the manifests that files become in place of the files, as `withSources` has them. Of a head that is not
 * trusted nothing is decrypted: what is encrypted is told, and counts as a manifest that nobody can read.
 */
export function withMergeSources(merges: Merges, config: SourcesConfig): Merges {
  const turns = new OneAtATime();
  const ofBase = { kustomize: new Kustomize(config.kustomize) };
  const ofMerge = { kustomize: new Kustomize(config.kustomize) };
  const opening = { keys: config.keys, withoutKey: 'error' } as const;
  const notOpening = { keys: NO_KEYS, withoutKey: 'warning' } as const;
  const base = new MadeSnapshots({ ...ofBase, ...opening });
  const trusted = new MadeSnapshots({ ...ofMerge, ...opening });
  const closedBase = new MadeSnapshots({ ...ofBase, ...notOpening });
  const closed = new MadeSnapshots({ ...ofMerge, ...notOpening });

  async function merged(preview: Merged, opened: Snapshot, isTrusted: boolean): Promise<Snapshot> {
    if (isTrusted) return await trusted.of(preview.merged);
    const [before, after] = [await closedBase.of(preview.base), await closed.of(preview.merged)];
    if (isAlike(before, after)) return like(preview.merged, opened);
    return { ...after, findings: after.findings.map(asOfFork) };
  }

  return {
    base: (options) => merges.base(options),
    // One after the other, so that what one is made of is there until it is read.
    preview: (head, options) =>
      turns.run(async () => {
        const preview = await merges.preview(head, options);
        if (preview.result === 'conflict') return preview;
        const opened = await base.of(preview.base);
        return { ...preview, base: opened, merged: await merged(preview, opened, head.isTrusted) };
      }, options?.signal),
  };
}

const NO_KEYS: KeySource = async () => ({ age: [] });

/** Keeps what was made last, and of it all that is still the same. */
class MadeSnapshots {
  readonly #tools: SourcesTools;
  #last: { readonly given: Snapshot; readonly made: Snapshot } | undefined;

  constructor(tools: SourcesTools) {
    this.#tools = tools;
  }

  async of(given: Snapshot): Promise<Snapshot> {
    if (this.#last?.given === given) return this.#last.made;
    const { tree: openTree, ...snapshot } = given;
    if (openTree === undefined) return given;
    const tree = openTree();
    const made = {
      ...snapshot,
      ...(await readSources(given, async (path) => ({ tree, path }), this.#tools)),
    };
    this.#last = { given, made };
    return made;
  }
}

/** Whether two snapshots hold the same manifests, in which the same is wrong. */
function isAlike(one: Snapshot, other: Snapshot): boolean {
  return (
    one.files.length === other.files.length &&
    canonicalJson(one.findings) === canonicalJson(other.findings) &&
    one.files.every(({ path, content }, index) => {
      const file = other.files[index];
      return file?.path === path && Buffer.compare(content, file.content) === 0;
    })
  );
}

/** A merge that changes no manifest: what is encrypted in those of the base may be read, since nobody else wrote it. */
function like({ tree: _tree, ...merged }: Snapshot, { files, findings }: Snapshot): Snapshot {
  return { ...merged, files, findings };
}

function asOfFork(finding: Finding): Finding {
  if (finding.rule !== 'not-decrypted') return finding;
  return {
    ...finding,
    message: 'Encrypted files of a fork are not opened.',
    hint: 'Push the branch to this repository itself to have what is in them planned.',
  };
}
