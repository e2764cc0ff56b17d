import { posix } from 'node:path';
import { parse } from 'yaml';
import { isRecord, record, records } from '../../core/kube/json.ts';
import { sha256Hex } from '../../core/kube/hash.ts';
import type { Origin, Patch, SourceFile, ValuePath } from '../../core/spec/source.ts';
import { type Collected, nameIn } from './collect.ts';
import { fieldsOf, type Kustomization } from './kustomization.ts';
import { patchesIn } from './patches-in.ts';

/** Where kustomize writes what an object was made of. */
const ORIGIN = 'config.kubernetes.io/origin';

/** The lists of a kustomization whose entries are objects to be made. */
const GENERATORS: Readonly<Record<string, string>> = {
  ConfigMapGenerator: 'configMapGenerator',
  SecretGenerator: 'secretGenerator',
};

/**
 * What kustomize printed as files, one for each object, that lead to what the author wrote. The annotations by which
 * that is known are taken away, unless the author asked for them.
 */
export function renderedFiles(
  output: string,
  collected: Collected,
  { keepOrigins }: { readonly keepOrigins: boolean },
): readonly SourceFile[] {
  const { folder, files, kustomizations } = collected;
  // One value for each file, since what it says is remembered by it.
  const sources = new Map(
    [...files].map(([path, content]) => [path, { path: nameIn(folder, path), content }] as const),
  );
  const top = kustomizations.get(folder.path);
  const patches = patchesIn(kustomizations, sources);
  const change = { builtIn: folder.name, patches };
  const changeOid = oidOfChange(change);
  // At the beginning of a line three dashes end a document, even in a text of several lines.
  return output.split(/^---\n/m).flatMap((document): SourceFile[] => {
    if (document.trim() === '') return [];
    const { text, origin: said } = withoutOrigin(document);
    const written = originOf(said, text, collected, sources) ?? sourceOf(top, sources);
    if (written === undefined) return [];
    const origin = { ...written, ...change };
    const content = Buffer.from(keepOrigins ? document : text);
    return [{ path: written.file.path, content, oid: oidOf(written, changeOid, content), origin }];
  });
}

/** Where an object was written. */
type Written = Pick<Origin, 'file' | 'at'>;

/** The same for the same object out of the same file, changed by the same patches. */
function oidOf({ file, at }: Written, change: string, content: Uint8Array): string {
  const parts = [file.path, sha256Hex(file.content), JSON.stringify(at ?? null), change, sha256Hex(content)];
  return `kustomize:${sha256Hex(parts.join('\0'))}`;
}

function oidOfChange({ builtIn, patches }: { builtIn: string; patches: readonly Patch[] }): string {
  const parts = patches.map(({ file, at, target }) =>
    JSON.stringify([file.path, sha256Hex(file.content), at ?? null, target ?? null]),
  );
  return sha256Hex([builtIn, ...parts].join('\0'));
}

/** A document without the annotation; kustomize prints block style only, two columns for each level. */
function withoutOrigin(document: string): { readonly text: string; readonly origin: unknown } {
  const lines = document.split('\n');
  const metadata = lines.indexOf('metadata:');
  const end = indexFrom(lines, metadata + 1, (line) => !line.startsWith(' '));
  const annotations = lines.indexOf('  annotations:', metadata);
  const first = lines.indexOf(`    ${ORIGIN}: |`, annotations);
  if (metadata === -1 || annotations === -1 || first === -1 || annotations > end || first > end) {
    return { text: document, origin: undefined };
  }
  const after = indexFrom(lines, first + 1, (line) => !line.startsWith('      '));
  const origin: unknown = parse(lines.slice(first + 1, after).join('\n'), { maxAliasCount: 0 });
  const alone = first === annotations + 1 && !lines[after]?.startsWith('    ');
  lines.splice(alone ? annotations : first, after - (alone ? annotations : first));
  return { text: lines.join('\n'), origin };
}

function indexFrom(lines: readonly string[], start: number, is: (line: string) => boolean): number {
  const found = lines.findIndex((line, index) => index >= start && is(line));
  return found === -1 ? lines.length : found;
}

function originOf(
  said: unknown,
  text: string,
  { folder, kustomizations }: Collected,
  sources: ReadonlyMap<string, SourceFile>,
): Written | undefined {
  if (!isRecord(said)) return undefined;
  const { path, configuredIn } = said;
  if (typeof path === 'string') {
    const file = sources.get(posix.join(folder.path, path));
    return file === undefined ? undefined : { file };
  }
  if (typeof configuredIn !== 'string') return undefined;
  const file = sources.get(posix.join(folder.path, configuredIn));
  const kustomization = [...kustomizations.values()].find(
    (each) => each.path === posix.join(folder.path, configuredIn),
  );
  if (file === undefined) return undefined;
  const kind = String(record(said['configuredBy'])['kind']);
  return { file, at: kustomization === undefined ? [] : generatorAt(kustomization, kind, text) };
}

/** The entry of a kustomization that made an object: the one whose name is the longest within the object's name. */
function generatorAt({ value }: Kustomization, kind: string, text: string): ValuePath {
  const name = /^ {2}name: (.*)$/m.exec(text.slice(text.indexOf('\nmetadata:')))?.[1] ?? '';
  const [list] = fieldsOf(value, GENERATORS[kind] ?? 'generators');
  if (list === undefined) return [];
  const [field, entries] = list;
  const named = records(entries).map((entry, index) => ({
    index,
    name: typeof entry['name'] === 'string' ? entry['name'] : '',
  }));
  const [best] = named
    .filter((each) => name.includes(each.name))
    .toSorted((a, b) => b.name.length - a.name.length || a.index - b.index);
  return best === undefined ? [field] : [field, best.index];
}

function sourceOf(
  kustomization: Kustomization | undefined,
  sources: ReadonlyMap<string, SourceFile>,
): Written | undefined {
  const file = kustomization === undefined ? undefined : sources.get(kustomization.path);
  return file === undefined ? undefined : { file, at: [] };
}
