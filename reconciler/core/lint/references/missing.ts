import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import { describeReference } from '../client/target-of.ts';
import type { SpecProblem, SpecSet } from '../spec-rule.ts';
import { type ReferredKind, type WrittenReference, writtenReferences } from './written-references.ts';

/** References to objects of one kind that the repository does not hold, and that nobody is known to make. */
export function* missing(
  set: SpecSet,
  kind: ReferredKind,
  isThere: (reference: WrittenReference) => boolean,
  words: { readonly message: (name: string) => string; readonly hint: (name: string) => string },
): Iterable<SpecProblem> {
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  const hints = new Map<string, string>();
  for (const reference of writtenReferences(set)) {
    const { spec, namespace, name } = reference;
    if (reference.kind !== kind || set.has(kind, namespace, name) || isThere(reference)) continue;
    known ??= namesOf(set, kind);
    const label = describeReference(reference);
    let hint = hints.get(label);
    if (hint === undefined) {
      const near = nearest(name, known.get(namespace) ?? []);
      hint = near === undefined ? words.hint(label) : `Write ${near} if that is meant. ${words.hint(label)}`;
      hints.set(label, hint);
    }
    yield { spec, path: reference.path, message: words.message(quoted(label)), hint };
  }
}

/** Names of one kind, by their namespace. */
function namesOf({ objects, settings }: SpecSet, kind: ReferredKind): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (namespace: string, name: string): void => {
    const names = found.get(namespace) ?? [];
    found.set(namespace, names);
    names.push(name);
  };
  for (const { manifest } of objects) {
    if (manifest.kind === kind) add(manifest.metadata.namespace ?? '', manifest.metadata.name);
  }
  for (const secret of kind === 'Secret' ? settings.external.secrets : []) {
    const [namespace = '', name = ''] = secret.split('/');
    add(namespace, name);
  }
  return found;
}
