import { record } from '../kube/json.ts';
import { type Manifest, manifestsOf } from './manifest.ts';
import { patchFinder } from './patches.ts';
import type { Origin, Source, SourceFile, ValuePath } from './source.ts';
import { decode } from './text.ts';
import { isSame, leadingPart, valueAt } from './value-at.ts';
import { readYaml } from './yaml.ts';

/** What a file says, kept for as long as the file is: each of its manifests is looked for in it. */
const known = new WeakMap<SourceFile, readonly Manifest[]>();

/**
 * A manifest that kustomize rendered, with its places in the file that it came from. Where that cannot be told, faults
 * stand at the beginning of the file.
 */
export function relocated(manifest: Manifest, origin: Origin): Manifest {
  const { file, at, builtIn, patches = [] } = origin;
  const candidates = manifestsIn(file);
  const written = at === undefined ? counterpart(manifest, candidates) : candidates[0];
  const patchesOf = patchFinder(
    { ...manifest, written: at === undefined ? written?.value : undefined },
    patches,
  );
  const change = { builtIn, patchesOf };
  if (written === undefined) return moved(manifest, { ...startOf(file), ...change });
  const { place, text } = written;
  if (at !== undefined) {
    const position = place.positionOf(at);
    const excerpt = () => (/secret/i.test(text.text) ? text.keyExcerpt(position) : text.excerpt(position));
    return moved(manifest, {
      file: file.path,
      start: position,
      positionOf: () => position,
      positionOfName: () => position,
      excerpt,
      isRendered: () => true,
      ...change,
    });
  }
  const differs = (path: ValuePath): boolean =>
    !isSame(valueAt(manifest.value, path), valueAt(written.value, path));
  // Of what is nowhere, the nearest that holds it may be a rendered one.
  const isRendered = (path: ValuePath): boolean =>
    differs(path) || differs(leadingPart(manifest.value, path));
  return moved(manifest, {
    ...place,
    excerpt: (position) =>
      manifest.secret && place.isHidden?.(position) !== true
        ? text.keyExcerpt(position)
        : place.excerpt(position),
    isRendered,
    written: (path) => (isRendered(path) ? undefined : place.written?.(path)),
    ...change,
  });
}

/** The manifest with other places. Faults of the rendered text itself are told at its beginning. */
function moved(manifest: Manifest, place: Source): Manifest {
  const problems = manifest.problems.map((problem) => ({ ...problem, offset: 0 }));
  return { ...manifest, place, problems };
}

function startOf(file: SourceFile): Source {
  const start = { line: 1, column: 1 };
  return {
    file: file.path,
    start,
    positionOf: () => start,
    positionOfName: () => start,
    excerpt: () => undefined,
    isRendered: () => true,
  };
}

function manifestsIn(file: SourceFile): readonly Manifest[] {
  const found = known.get(file);
  if (found !== undefined) return found;
  const decoded = decode(file);
  const { text } = 'text' in decoded ? decoded : { text: undefined };
  const manifests =
    text === undefined
      ? []
      : readYaml(text).documents.flatMap((document, index) => manifestsOf(text, document, file, index));
  known.set(file, manifests);
  return manifests;
}

/** Of the manifests of the same kind the one whose name is the longest within the new name: prefixes and suffixes are added. */
function counterpart({ value, kind }: Manifest, candidates: readonly Manifest[]): Manifest | undefined {
  const name = nameOf(value);
  const sameKind = candidates.filter((each) => each.kind === kind);
  if (sameKind.length < 2) return sameKind[0];
  const fitting = sameKind.filter((each) => name.includes(nameOf(each.value)));
  const longest = fitting.toSorted((a, b) => nameOf(b.value).length - nameOf(a.value).length);
  const best = longest.filter((each) => nameOf(each.value) === nameOf(longest[0]?.value));
  return best.find((each) => namespaceOf(each.value) === namespaceOf(value)) ?? best[0];
}

function nameOf(value: unknown): string {
  const { name } = record(record(value)['metadata']);
  return typeof name === 'string' ? name : '';
}

function namespaceOf(value: unknown): unknown {
  return record(record(value)['metadata'])['namespace'];
}
