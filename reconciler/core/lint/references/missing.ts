import type { Settings } from '../../../../schemas/settings.ts';
import { nameProblem } from '../../spec/rules/names.ts';
import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecProblem, SpecSet } from '../spec-rule.ts';
import { type ReferredKind, type WrittenReference, writtenReferences } from './written-references.ts';

/** The list in Settings of objects of each kind that are kept elsewhere. */
const LISTS = {
  Secret: 'secrets',
  ConfigMap: 'configMaps',
  ServiceAccount: 'serviceAccounts',
  PersistentVolumeClaim: 'claims',
} as const satisfies Readonly<Record<ReferredKind, keyof Settings['spec']['external']>>;

/** What is said of an object that is missing. */
interface Words {
  readonly message: (name: string) => string;
  readonly hint: (name: string) => string;
}

/** Words for where nothing but the repository is known. */
export function notHere(kind: ReferredKind, noun: string, add = 'add it'): Words {
  const list = `external.${LISTS[kind]} of Settings`;
  return {
    message: (name) => `${noun} ${name} is neither in the repository nor in ${list}.`,
    hint: (name) => `Add ${name} to ${list} if it is in the cluster, or ${add}.`,
  };
}

/** References to objects of one kind that the repository does not hold, and that nobody is known to make. */
export function* missing(
  set: SpecSet,
  kind: ReferredKind,
  isThere: (reference: WrittenReference) => boolean,
  words: Words,
): Iterable<SpecProblem> {
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  const references = writtenReferences(set, kind);
  if (references.length === 0) return;
  const labels = set.labels(kind);
  const external = new Set(set.settings.external[LISTS[kind]]);
  for (const reference of references) {
    const { spec, namespace, name, label } = reference;
    if (labels.has(label) || external.has(label) || isThere(reference)) continue;
    // A rule of its own tells of texts that no object can be called.
    if (nameProblem(name, kind) !== undefined) continue;
    const hint = (): string => {
      known ??= namesOf(set, kind);
      const near = nearest(name, known.get(namespace) ?? []);
      const add = words.hint(label);
      return near === undefined ? add : `Write ${near} if that is meant. ${add}`;
    };
    yield { spec, path: reference.path, message: words.message(quoted(label)), hint };
  }
}

/** Names of one kind, by their namespace. */
function namesOf(
  { objectsOf, settings }: SpecSet,
  kind: ReferredKind,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (namespace: string, name: string): void => {
    const names = found.get(namespace) ?? [];
    found.set(namespace, names);
    names.push(name);
  };
  for (const { manifest } of objectsOf(kind)) add(manifest.metadata.namespace ?? '', manifest.metadata.name);
  for (const each of settings.external[LISTS[kind]]) {
    const [namespace = '', name = ''] = each.split('/');
    add(namespace, name);
  }
  return found;
}
