import { posix } from 'node:path';
import { prose } from '../../core/report/plain.ts';
import type { Finding } from '../../core/spec/finding.ts';
import { decode, quoted } from '../../core/spec/text.ts';
import { readYaml } from '../../core/spec/yaml.ts';
import { type Collected, nameIn } from './collect.ts';
import type { Kustomization } from './kustomization.ts';
import { referencesOf } from './references.ts';

const KNOWN = [unknownField, noMetadata, notFound, twice, badPatch, circle] as const;
const MAX_CHARACTERS = 400;
/** `Deployment.v1.apps/name.namespace`, as kustomize names an object. */
const ID = /([A-Z]\w*)\.[\w.[\]]+\/([\w.-]+?)\.(?:\[noNs\]|[\w-]+)/;

/**
 * What kustomize complained of, for the author: what is known to be harmless in our words, at the place that it is
 * about. The rest is repeated only where nothing it was given mentions a Secret, since its messages quote values.
 */
export function buildFailure(errors: string, collected: Collected, top: Kustomization): readonly Finding[] {
  const unreadable = syntaxErrors(collected);
  if (unreadable.length > 0) return unreadable;
  const text = cleaned(errors);
  const known = KNOWN.map((each) => each(text, collected)).find((found) => found !== undefined);
  if (known !== undefined) return [known];
  const { kustomization = top, path = [] } = entryNamed(text, collected) ?? {};
  const { name } = collected.folder;
  const hint = `Run kustomize build ${name === '' ? '.' : name} to see what it makes of it.`;
  const said = mentionsSecret(collected)
    ? 'Its message is left out, since it could hold a Secret’s value.'
    : prose(text, MAX_CHARACTERS).replace(/\.?$/, '.');
  return [
    kustomization.finding('kustomize-build', path, `kustomize cannot build this folder: ${said}`, hint),
  ];
}

/** Files that kustomize could not read either; here their place is known. */
function syntaxErrors({ files, folder }: Collected): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [path, content] of files) {
    if (!/\.(ya?ml|json)$/i.test(path)) continue;
    const name = nameIn(folder, path);
    const decoded = decode({ path: name, content });
    if ('message' in decoded) continue;
    const { documents, problems } = readYaml(decoded.text);
    const [problem] = [...problems, ...documents.flatMap((document) => document.problems)].filter(
      ({ rule }) => rule === 'yaml-syntax',
    );
    if (problem === undefined) continue;
    const { message, hint } = problem.discreet ?? problem;
    const position = decoded.text.position(problem.offset);
    const open = !/secret/i.test(decoded.text.text);
    findings.push({
      level: 'error',
      rule: problem.rule,
      file: name,
      ...position,
      message,
      ...(hint === undefined ? {} : { hint }),
      excerpt: open ? decoded.text.excerpt(position) : decoded.text.coveredExcerpt(position),
    });
  }
  return findings;
}

function unknownField(text: string, { kustomizations }: Collected): Finding | undefined {
  const field = /unknown field "([\w.-]+)"/.exec(text)?.[1];
  if (field === undefined) return undefined;
  for (const kustomization of kustomizations.values()) {
    const path = pathOfField(kustomization.value, field);
    if (path === undefined) continue;
    return kustomization.finding(
      'kustomize-build',
      path,
      `kustomize knows no field ${quoted(field)} here.`,
      'Mend its name, or remove it.',
    );
  }
  return undefined;
}

function pathOfField(value: unknown, field: string): readonly (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const names: readonly (string | number)[] = Array.isArray(value)
    ? value.map((_, index) => index)
    : Object.keys(value);
  if (names.includes(field)) return [field];
  for (const name of names) {
    const within = pathOfField((value as Record<string | number, unknown>)[name], field);
    if (within !== undefined) return [name, ...within];
  }
  return undefined;
}

function noMetadata(text: string, collected: Collected): Finding | undefined {
  if (!/missing Resource metadata|missing metadata\.name/.test(text)) return undefined;
  const named = entryNamed(text, collected);
  if (named === undefined) return undefined;
  const { kustomization, path, entry } = named;
  const hint = 'List only manifests under resources; patches and other files belong under their own fields.';
  return kustomization.finding(
    'kustomize-build',
    path,
    `${quoted(entry)} holds something that is no manifest.`,
    hint,
  );
}

/** A patch without anything to change. */
function notFound(text: string, { kustomizations }: Collected): Finding | undefined {
  if (!/no (resource )?match(es)? /.test(text)) return undefined;
  const [, kind, name] = ID.exec(text) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const lists = ['patches', 'patchesStrategicMerge', 'patchesJson6902', 'replacements'];
  for (const kustomization of kustomizations.values()) {
    for (const list of lists) {
      const entries = kustomization.value[list];
      if (!Array.isArray(entries)) continue;
      const index = entries.findIndex((entry) => JSON.stringify(entry).includes(name));
      const path = index === -1 ? [list] : [list, index];
      const hint = 'Mend kind, name and namespace of the patch, or list the object under resources.';
      return kustomization.finding(
        'kustomize-build',
        path,
        `A patch is for ${kind} ${name}, and there is none.`,
        hint,
      );
    }
  }
  return undefined;
}

function twice(text: string, collected: Collected): Finding | undefined {
  const [, kind, name] = ID.exec(/already registered id: (\S+)/.exec(text)?.[1] ?? '') ?? [];
  const named = entryNamed(text, collected);
  if (kind === undefined || name === undefined || named === undefined) return undefined;
  const { kustomization, path } = named;
  return kustomization.finding(
    'kustomize-build',
    path,
    `${kind} ${name} is in here a second time.`,
    'Keep one of the two.',
  );
}

function badPatch(text: string, { kustomizations }: Collected): Finding | undefined {
  const file = /unable to parse SM or JSON patch from \[path: \\*"([^"\\]+)/.exec(text)?.[1];
  if (file === undefined) return undefined;
  for (const kustomization of kustomizations.values()) {
    const found = [...referencesOf(kustomization.value)].find((each) => each.text === file);
    if (found === undefined) continue;
    const hint = 'Write part of a manifest, or a list of operations, each line of it beginning with a dash.';
    const message = `${quoted(file)} is no patch that kustomize can read.`;
    return kustomization.finding('kustomize-build', found.path, message, hint);
  }
  return undefined;
}

function circle(text: string, collected: Collected): Finding | undefined {
  const named = text.includes('cycle detected') ? entryNamed(text, collected) : undefined;
  if (named === undefined) return undefined;
  const { kustomization, path, entry } = named;
  const message = `${quoted(entry)} includes this folder, which includes it.`;
  return kustomization.finding('kustomize-build', path, message, 'Remove one of the two entries.');
}

/** The entry that the message is about: the last file or folder that it says it was at. */
function entryNamed(text: string, { kustomizations, folder }: Collected) {
  const names = [...text.matchAll(/resources from '([^'\n]+)'/g)].map(([, name]) => name ?? '');
  const folders = [...text.matchAll(/path '([^'\n]+)'/g)].map(([, name]) => name ?? '');
  const entry = names.findLast((name) => !folders.includes(name));
  if (entry === undefined) return undefined;
  const dirs = [...folders.toReversed(), folder.path, ...kustomizations.keys()];
  for (const dir of dirs) {
    const kustomization = kustomizations.get(posix.normalize(dir)) ?? kustomizations.get(dir);
    if (kustomization === undefined) continue;
    const found = [...referencesOf(kustomization.value)].find(({ text: each }) => each === entry);
    if (found !== undefined) return { kustomization, path: found.path, entry };
  }
  return undefined;
}

/** Without what kustomize adds of its own workings: the place of the copy, and the configuration that it repeats. */
function cleaned(errors: string): string {
  return errors
    .replace(/^(error|Error): /, '')
    .replace(/with config: `[\s\S]*?`: /g, '')
    .replace(/\/[^\s'"`]*weka-gitops-kustomize-\w+\/repository\/?/g, '')
    .replace(/accumulation err='([\s\S]*?)': must build at directory: [\s\S]*$/, '$1')
    .replace(/&\{0x[^}]*\}/g, 'a generator')
    .trim();
}

function mentionsSecret({ files }: Collected): boolean {
  return [...files.values()].some((content) => /secret/i.test(Buffer.from(content).toString('latin1')));
}
