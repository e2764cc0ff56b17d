import { posix } from 'node:path';
import { record, records } from '../../core/kube/json.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { decode } from '../../core/spec/text.ts';
import { readYaml, type YamlDocument } from '../../core/spec/yaml.ts';

/** The folder that a plan asks approvals to be put into. */
const FOLDER = 'approvals';
const KIND = /\bkind["']?\s*:\s*["']?Approval\b/;
const OURS = 'weka-gitops.dev/';

/**
 * Approvals in the folder for them beside a kustomization, which count whether it lists them or not: whoever consents
 * to a change need not know how manifests are built. What else is there is as kustomize leaves it; `listed` are the
 * files that it reads already.
 */
export function approvalsBeside(
  files: readonly SourceFile[],
  kustomizations: readonly string[],
  listed: ReadonlySet<string>,
): readonly SourceFile[] {
  const folders = new Set(kustomizations.map((folder) => posix.join(folder, FOLDER)));
  return files
    .filter(({ path }) => folders.has(posix.dirname(path)) && !listed.has(path))
    .flatMap((file) => approvalsIn(file) ?? []);
}

/** The file with its approvals alone, each at its place; undefined where it has none. */
function approvalsIn(file: SourceFile): SourceFile | undefined {
  const decoded = decode(file);
  if ('message' in decoded) {
    return KIND.test(Buffer.from(file.content).toString('latin1')) ? file : undefined;
  }
  const { text } = decoded.text;
  if (!text.includes(OURS) && !KIND.test(text)) return undefined;
  const { documents, problems } = readYaml(decoded.text);
  const others = documents.filter((document) => !isApproval(document, text));
  // Of a file that is not read at all, its text says what it should have been.
  if (others.length === documents.length) return problems.length > 0 && KIND.test(text) ? file : undefined;
  if (others.length === 0) return file;
  const blank = others.reduceRight((rest, { range: [start, end] }) => {
    const lines = rest.slice(start, end).replace(/[^\n]+/g, '');
    return rest.slice(0, start) + lines + rest.slice(end);
  }, text);
  return { path: file.path, content: Buffer.from(blank) };
}

function isApproval({ value, broken, range }: YamlDocument, text: string): boolean {
  if (broken) return KIND.test(text.slice(...range));
  const { kind, items } = record(value);
  const all = typeof kind === 'string' && kind.endsWith('List') ? records(items) : [record(value)];
  return all.length > 0 && all.every(isOurs);
}

/** A misspelt kind is told of; Settings are none that anybody puts here to consent. */
function isOurs({ apiVersion, kind }: Readonly<Record<string, unknown>>): boolean {
  if (typeof apiVersion !== 'string') return kind === 'Approval';
  return apiVersion.startsWith(OURS) && kind !== 'Settings';
}
