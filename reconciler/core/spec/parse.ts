import type { Settings } from '../../../schemas/settings.ts';
import type { DriverContainer } from '../../../schemas/weka-container.ts';
import { record } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { check, type Checked } from './check.ts';
import { compareFindings, type Finding, isError } from './finding.ts';
import { type Manifest, manifestsOf, mentionsSecret } from './manifest.ts';
import { duplicates, placeOf } from './rules/duplicates.ts';
import { SERVER_METADATA } from './rules/ignored-fields.ts';
import type { Ceilings } from './rules/rule-context.ts';
import type { Source, SourceFile } from './source.ts';
import { settingsOf } from './settings.ts';
import { decode } from './text.ts';
import { readYaml } from './yaml.ts';

export type { Ceilings } from './rules/rule-context.ts';

interface SpecBase {
  readonly id: ObjectId;
  /** What was written, without what only the cluster writes. */
  readonly manifest: KubeObject;
  /** `file:line`. */
  readonly source: string;
  readonly place: Source;
}

/** What a file says, checked. */
export type Spec =
  | (SpecBase & { readonly kind: 'object' })
  | (SpecBase & { readonly kind: 'WekaContainer'; readonly container: DriverContainer });

/** An object whose manifest has an error: what it is now stays. */
export interface BrokenSpec {
  readonly id: ObjectId;
  readonly source: string;
}

export interface ParsedSpecs {
  readonly specs: readonly Spec[];
  readonly settings: Settings;
  /** Sorted by place. */
  readonly findings: readonly Finding[];
  readonly broken: readonly BrokenSpec[];
  /** Manifests that were found, those in Lists counted singly. */
  readonly documents: number;
  readonly files: number;
}

/** Findings that one file may have before the rest are counted only. */
const MAX_FINDINGS = 100;

/** What the files say: checked specs, and a finding for every fault. It takes anything, and never throws for a file. */
export function parseSpecs(files: readonly SourceFile[], ceilings: Ceilings): ParsedSpecs {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const read = sorted.map(readFile);
  const manifests = read.flatMap((file) => file.manifests);
  const settings = settingsOf(manifests, ceilings);
  const twice = duplicates(manifests);
  const context = { ceilings, settings: settings.spec };
  const checked = manifests.map((manifest) => check(manifest, context, twice.get(manifest)));

  const specs: Spec[] = [];
  const broken = new Map<ObjectId, BrokenSpec>();
  for (const each of checked) {
    const { id } = each.manifest;
    const spec = specOf(each);
    if (spec !== undefined) specs.push(spec);
    else if (id !== undefined && each.manifest.kind !== 'Settings' && !broken.has(id)) {
      broken.set(id, { id, source: placeOf(each.manifest) });
    }
  }
  const findings = [...read.flatMap((file) => file.findings), ...checked.flatMap((each) => each.findings)];
  return {
    specs,
    settings,
    findings: bounded(findings.toSorted(compareFindings)),
    broken: [...broken.values()],
    documents: manifests.length,
    files: files.length,
  };
}

interface ReadFile {
  readonly manifests: readonly Manifest[];
  /** Faults that belong to no manifest. */
  readonly findings: readonly Finding[];
}

function readFile(file: SourceFile): ReadFile {
  const decoded = decode(file);
  if ('message' in decoded) {
    const { position, message, hint } = decoded;
    const finding = {
      level: 'error',
      rule: 'encoding',
      file: file.path,
      ...position,
      message,
      hint,
    } as const;
    return { manifests: [], findings: [finding] };
  }
  const { text } = decoded;
  const { documents, problems } = readYaml(text);
  const unpacked = documents.map((document) => manifestsOf(text, document));
  // An empty List has no manifest that could tell what is wrong with it.
  const stray = documents.flatMap((document, index) =>
    unpacked[index]?.length === 0 ? document.problems : [],
  );
  const findings = [...problems, ...stray].map(({ offset, message, hint, rule, level }): Finding => {
    const position = text.position(offset);
    return {
      level: level ?? 'error',
      rule,
      file: text.file,
      ...position,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(mentionsSecret(text.text) ? {} : { excerpt: text.excerpt(position) }),
    };
  });
  return { manifests: unpacked.flat(), findings };
}

function specOf({ manifest, candidate, data, findings }: Checked): Spec | undefined {
  const { id, place } = manifest;
  if (candidate === undefined || id === undefined || candidate.kind === 'Settings') return undefined;
  if (findings.some(isError)) return undefined;
  const base = { id, manifest: written(candidate.value), source: placeOf(manifest), place };
  if ('plain' in candidate.type) return { ...base, kind: 'object' };
  return data === undefined
    ? undefined
    : { ...base, kind: 'WekaContainer', container: data as DriverContainer };
}

/** The manifest without what only the cluster writes. Its rules have seen to it that the rest is an object. */
function written(value: Readonly<Record<string, unknown>>): KubeObject {
  const { status: _status, ...rest } = value;
  const metadata = Object.entries(record(value['metadata'])).filter(
    ([name]) => !SERVER_METADATA.includes(name),
  );
  return { ...rest, metadata: Object.fromEntries(metadata) } as unknown as KubeObject;
}

/** Each file's first findings, and how many more it has. */
function bounded(findings: readonly Finding[]): readonly Finding[] {
  const perFile = Map.groupBy(findings, ({ file }) => file);
  return [...perFile.values()].flatMap((all) => {
    const last = all[MAX_FINDINGS - 1];
    if (all.length <= MAX_FINDINGS || last === undefined) return all;
    const rest = all.slice(MAX_FINDINGS);
    const more: Finding = {
      level: rest.some(isError) ? 'error' : 'warning',
      rule: 'more-findings',
      file: last.file,
      line: last.line,
      column: last.column,
      message: `The file has ${rest.length} more findings after this place.`,
      hint: 'Mend those above first.',
    };
    return [...all.slice(0, MAX_FINDINGS), more];
  });
}
