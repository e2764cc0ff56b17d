import type { Finding } from './finding.ts';
import { type HeldFile, LeanManifest, type PlaceReader } from './lean-manifest.ts';
import { type Manifest, manifestsOf, mentionsSecret } from './manifest.ts';
import { relocated } from './origin.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { SourceFile } from './source.ts';
import type { StringPool } from './string-pool.ts';
import { decode, SourceText } from './text.ts';
import { readYaml } from './yaml.ts';

/** A file as it was read, its manifests not yet checked. */
export interface ReadFile {
  readonly manifests: readonly Manifest[];
  /** Faults that belong to no manifest. */
  readonly findings: readonly Finding[];
  /** The file, where it is read again when a place in it is asked for. */
  readonly held?: HeldFile | undefined;
}

/** What a file says. Nothing is kept of how it was read; `places` will read it again where it has to. */
export function readFile(file: SourceFile, pool: StringPool, places: PlaceReader): ReadFile {
  const decoded = decode(file);
  if ('message' in decoded) {
    const { position, message, hint } = decoded;
    // What can be read of it, with a mark in place of what cannot.
    const text = new SourceText(file.path, Buffer.from(file.content).toString('utf8'));
    const finding = {
      level: 'error',
      rule: 'encoding',
      file: file.path,
      ...position,
      message,
      hint,
      excerpt: mentionsSecret(text.text) ? text.coveredExcerpt(position) : text.excerpt(position),
    } as const;
    return { manifests: [], findings: [finding] };
  }
  const { text } = decoded;
  if (!isAsWritten(file)) return readWhole(file, text);
  const held = { file, places };
  const documents = readPlainYaml(text.text, pool);
  if (documents === undefined || documents.some(({ value }) => isList(value))) {
    const { manifests, findings } = readWhole(file, text);
    return { manifests: manifests.map((each, index) => LeanManifest.of(each, held, index)), findings, held };
  }
  const manifests = documents.map(({ value, line }, index) =>
    LeanManifest.plain(value, held, index, { line, column: 1 }),
  );
  return { manifests, findings: [], held };
}

/** Whether the file says by itself all that there is to know of it. */
export function isAsWritten({ origin, sealed, unopened }: SourceFile): boolean {
  return origin === undefined && sealed === undefined && unopened === undefined;
}

/** Lists are unpacked with the places of their items. */
function isList({ kind }: Readonly<Record<string, unknown>>): boolean {
  return typeof kind === 'string' && kind.endsWith('List');
}

/** The file read by the whole YAML parser. */
function readWhole(file: SourceFile, text: SourceText): ReadFile {
  const { documents, problems } = readYaml(text);
  const { origin } = file;
  const unpacked = documents.map((document, index) => {
    const manifests = manifestsOf(text, document, file, index);
    return origin === undefined ? manifests : manifests.map((each) => relocated(each, origin));
  });
  // An empty List has no manifest that could tell what is wrong with it.
  const stray = documents.flatMap((document, index) =>
    unpacked[index]?.length === 0 ? document.problems : [],
  );
  let open: boolean | undefined;
  const findings = [...problems, ...stray].map(({ offset, message, hint, rule, level }): Finding => {
    // In a rendered text it is a place that nobody wrote.
    const position = text.position(origin === undefined ? offset : 0);
    open ??= isAsWritten(file) && !mentionsSecret(text.text);
    const excerpt = open ? text.excerpt(position) : text.coveredExcerpt(position);
    return {
      level: level ?? 'error',
      rule,
      file: text.file,
      ...position,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(origin === undefined ? { excerpt } : {}),
    };
  });
  return { manifests: unpacked.flat(), findings };
}
