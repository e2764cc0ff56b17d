import type { Approval } from '../../../schemas/approval.ts';
import type { WekaClient } from '../../../schemas/weka-client.ts';
import type { WekaCluster } from '../../../schemas/weka-cluster.ts';
import type { DriverContainer } from '../../../schemas/weka-container.ts';
import type { WekaManualOperation } from '../../../schemas/weka-manual-operation.ts';
import type { WekaPolicy } from '../../../schemas/weka-policy.ts';
import { canonicalJson } from '../kube/hash.ts';
import { kindOf } from '../kube/kinds.ts';
import { secretTexts } from '../plan/hide-secrets.ts';
import { quotable } from '../report/redact.ts';
import { record } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { check, type Checked } from './check.ts';
import { compareFindings, type Finding, isError } from './finding.ts';
import { KnownFiles } from './known-files.ts';
import type { Manifest } from './manifest.ts';
import { duplicates, hasTwice, placeOf } from './rules/duplicates.ts';
import { SERVER_METADATA } from './rules/ignored-fields.ts';
import type { Problem } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import type { Ceilings, RuleContext } from './rules/rule-context.ts';
import type { SourceFile } from './source.ts';
import type { BrokenSpec, HeldSettings, ParsedSpecs, Spec, TypedSpec } from './spec.ts';
import { allTexts, sealedIn, withoutSealed } from './sealed.ts';
import { settingsOf } from './settings.ts';

export type { Ceilings } from './rules/rule-context.ts';
export type { BrokenSpec, HeldSettings, ParsedSpecs, Spec } from './spec.ts';

/** Findings that one file may have before the rest are counted only. */
const MAX_FINDINGS = 100;

/**
 * What the files say: checked specs, and a finding for every fault. It takes anything, and never throws for a file. Files
 * that are the same as when they were read into `known` are not read again; what it gives does not depend on that. Under
 * `given` Settings those of the files are checked like any manifest, and change nothing. `unreadElsewhere` are names of files
 * that never came here, and may hold Settings.
 */
export function parseSpecs(
  files: readonly SourceFile[],
  ceilings: Ceilings,
  known: KnownFiles<FileSpecs> = new KnownFiles(),
  given?: HeldSettings,
  unreadElsewhere: readonly string[] = [],
): ParsedSpecs {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const read = known.read(sorted);
  const manifests = read.flatMap((file) => file.manifests);
  const unread = sorted.filter((_file, index) => isUnread(read[index]));
  const ownSettings = settingsOf(manifests, ceilings, { unread, unreadElsewhere });
  const settings = given ?? ownSettings;
  const twice = hasTwice(read.map(({ identities }) => identities)) ? duplicates(manifests) : NONE;
  const context = { ceilings, settings: settings.spec };
  const key = canonicalJson(context);
  const checked = read.map((file) => {
    // What depends on other files is worked out anew each time.
    if (twice.size > 0 && file.manifests.some((each) => twice.has(each))) {
      return fileSpecs(file.manifests, context, twice);
    }
    return file.checked(key, () => fileSpecs(file.manifests, context, twice));
  });

  const broken = new Map<ObjectId, BrokenSpec>();
  for (const file of checked) {
    for (const each of file.broken) if (!broken.has(each.id)) broken.set(each.id, each);
  }
  const findings = [...read.flatMap((file) => file.findings), ...checked.flatMap((file) => file.findings)];
  const sealedTexts = allTexts(
    manifests.map(({ value, sealed, closed }) =>
      sealed === undefined || closed ? undefined : sealedIn(value, sealed),
    ),
  );
  return {
    specs: checked.flatMap((file) => file.specs),
    settings,
    ownSettings,
    findings: bounded(findings.map((each) => discreet(each, sealedTexts)).toSorted(compareFindings)),
    sealedTexts,
    broken: [...broken.values()],
    documents: manifests.length,
    files: files.length,
    silenced: checked.reduce((sum, file) => sum + file.silenced, 0),
  };
}

/** Whether nothing of a file could be read. One that holds nothing has no fault. */
function isUnread(file: ReadFile | undefined): boolean {
  return file !== undefined && file.manifests.length === 0 && file.findings.some(isError);
}

const NONE: ReadonlyMap<Manifest, Problem> = new Map();

/** What the manifests of one file are found to be. */
export interface FileSpecs {
  readonly specs: readonly Spec[];
  readonly broken: readonly BrokenSpec[];
  readonly findings: readonly Finding[];
  readonly silenced: number;
}

function fileSpecs(
  manifests: readonly Manifest[],
  context: RuleContext,
  twice: ReadonlyMap<Manifest, Problem>,
): FileSpecs {
  const specs: Spec[] = [];
  const broken: BrokenSpec[] = [];
  const findings: Finding[] = [];
  // Manifests of one List may share a value, and what is wrong with it.
  const told = new Set<string>();
  let silenced = 0;
  for (const manifest of manifests) {
    const checked = check(manifest, context, twice.get(manifest));
    const secrets = checked.findings.length === 0 ? [] : lookAlikes(manifest.value);
    for (const each of checked.findings.map((finding) => discreet(finding, secrets))) {
      const place = [each.rule, each.file, each.line, each.column, each.message].join(' ');
      if (told.has(place)) continue;
      told.add(place);
      findings.push(each);
    }
    silenced += checked.silenced;
    const spec = specOf(checked);
    if (spec !== undefined) specs.push(spec);
    else if (manifest.id !== undefined && manifest.kind !== 'Settings') {
      broken.push({ id: manifest.id, source: placeOf(manifest) });
    }
  }
  // There are many of these, and a list that has grown has room for more.
  return { specs: specs.slice(), broken, findings, silenced };
}

/** What looks like a secret in an object of Kubernetes. Of Secrets no finding says anything, and our own kinds hold only names. */
function lookAlikes(value: unknown): readonly string[] {
  const { apiVersion, kind } = record(value);
  const isPlain = kindOf({ apiVersion: String(apiVersion), kind: String(kind) }) !== undefined;
  return isPlain && kind !== 'Secret' ? quotable(secretTexts(value)) : [];
}

function specOf({ manifest, candidate, data, findings }: Checked): Spec | undefined {
  const { id, place } = manifest;
  if (candidate === undefined || id === undefined || candidate.kind === 'Settings') return undefined;
  if (findings.some(isError) || manifest.closed === true) return undefined;
  const base = {
    id,
    manifest: written(candidate.value),
    source: placeOf(manifest),
    place,
    ...(manifest.sealed === undefined ? {} : { sealed: sealedIn(manifest.value, manifest.sealed) }),
  };
  if ('plain' in candidate.type) return { ...base, kind: 'object' };
  const typed = data === undefined ? undefined : typedSpec(candidate.kind, data);
  return typed && { ...base, ...typed };
}

/** What the schema of `kind` has made of a manifest. */
function typedSpec(kind: string, data: unknown): TypedSpec | undefined {
  switch (kind) {
    case 'WekaCluster':
      return { kind, cluster: data as WekaCluster };
    case 'WekaClient':
      return { kind, client: data as WekaClient };
    case 'WekaContainer':
      return { kind, container: data as DriverContainer };
    case 'WekaPolicy':
      return { kind, policy: data as WekaPolicy };
    case 'WekaManualOperation':
      return { kind, operation: data as WekaManualOperation };
    case 'Approval':
      return { kind, approval: data as Approval };
    default:
      return undefined;
  }
}

/** The manifest without what only the cluster writes. Its rules have seen to it that the rest is an object. */
function written(value: Readonly<Record<string, unknown>>): KubeObject {
  const { status: _status, ...rest } = value;
  const all = record(value['metadata']);
  if (!('status' in value) && !SERVER_METADATA.some((name) => name in all)) return value as KubeObject;
  const metadata = Object.entries(all).filter(([name]) => !SERVER_METADATA.includes(name));
  return { ...rest, metadata: Object.fromEntries(metadata) } as unknown as KubeObject;
}

/** The finding without what is encrypted in the repository, even where a message about something else repeats it. */
export function discreet(finding: Finding, texts: readonly string[]): Finding {
  if (texts.length === 0) return finding;
  const { message, hint, excerpt } = finding;
  return {
    ...finding,
    message: withoutSealed(message, texts),
    ...(hint === undefined ? {} : { hint: withoutSealed(hint, texts) }),
    ...(excerpt === undefined ? {} : { excerpt: withoutSealed(excerpt, texts) }),
  };
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
