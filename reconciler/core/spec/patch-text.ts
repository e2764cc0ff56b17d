import { type Manifest, manifestsOf } from './manifest.ts';
import type { Patch, Position, ValuePath } from './source.ts';
import { decode, SourceText } from './text.ts';
import { valueAt } from './value-at.ts';
import { readYaml } from './yaml.ts';

/** One document of a patch, whose places are those of the file that it stands in. */
export type PatchPart = Pick<Manifest, 'value' | 'kind' | 'text' | 'place'>;

/** What patches say, kept for as long as they are: every fault of what was made of them is looked for in them. */
const known = new WeakMap<Patch, readonly PatchPart[]>();

/** The documents of a patch; none where it cannot be read. */
export function patchParts(patch: Patch): readonly PatchPart[] {
  const found = known.get(patch);
  if (found !== undefined) return found;
  const parts = patch.at === undefined ? partsOf(patch) : partsWithin(patch, patch.at);
  known.set(patch, parts);
  return parts;
}

function partsOf({ file }: Patch): readonly PatchPart[] {
  const decoded = decode(file);
  return 'text' in decoded ? manifestsIn(decoded.text) : [];
}

function manifestsIn(text: SourceText): readonly Manifest[] {
  return readYaml(text).documents.flatMap((document) => (document.broken ? [] : manifestsOf(text, document)));
}

/** A patch that is a text within a kustomization. */
function partsWithin({ file }: Patch, at: ValuePath): readonly PatchPart[] {
  const decoded = decode(file);
  const [document] = 'text' in decoded ? readYaml(decoded.text).documents : [];
  if (!('text' in decoded) || document === undefined) return [];
  const { text: outer } = decoded;
  const given = valueAt(document.value, at);
  if (typeof given !== 'string') return [];
  let place = document.place;
  for (const step of at) place = place.members?.get(step) ?? place;
  const start = outer.position(place.start);
  const lines = outer.text.split('\n');
  const inner = given.split('\n');
  const indent = indentOf(lines, inner, start.line);
  const outside = ({ line, column }: Position): Position => {
    const within = indent !== undefined && lines[start.line + line - 1]?.slice(indent) === inner[line - 1];
    return within ? { line: start.line + line, column: indent + column } : start;
  };
  // Whatever a kustomization says of Secrets may stand in any line of it.
  const open = !/secret/i.test(outer.text);
  return manifestsIn(new SourceText(file.path, given)).map(({ value, kind, place: said }) => ({
    value,
    kind,
    text: outer,
    place: {
      file: file.path,
      start,
      positionOf: (path) => outside(said.positionOf(path)),
      positionOfName: (path) => outside(said.positionOfName(path)),
      excerpt: (position) => (open ? outer.excerpt(position) : outer.keyExcerpt(position)),
      isHidden: () => !open,
    },
  }));
}

/** How far a text in block style is indented below the line where it begins; undefined for one in another style. */
function indentOf(lines: readonly string[], inner: readonly string[], line: number): number | undefined {
  const first = inner.findIndex((each) => each.trim() !== '');
  const outer = lines[line + first];
  const said = inner[first];
  if (outer === undefined || said === undefined || !outer.endsWith(said)) return undefined;
  const indent = outer.length - said.length;
  return outer.slice(0, indent).trim() === '' ? indent : undefined;
}
