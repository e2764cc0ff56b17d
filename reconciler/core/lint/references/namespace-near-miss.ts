import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';

/**
 * Most namespaces are there before the repository is, so one that no manifest makes is no fault. It probably is one where
 * its name is nearly that of a namespace which a manifest makes.
 */
export const namespaceNearMiss: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'An object in a namespace that was misspelt is refused, or goes where nobody looks for it.',
  example: {
    wrong:
      'kind: Namespace\nmetadata: { name: storage }\n---\nkind: ConfigMap\nmetadata: { name: one, namespace: storge }',
    right:
      'kind: Namespace\nmetadata: { name: storage }\n---\nkind: ConfigMap\nmetadata: { name: one, namespace: storage }',
  },
  *check({ specs, objectsOf, has }) {
    const made = objectsOf('Namespace').map(({ manifest, source }) => ({
      name: manifest.metadata.name,
      source,
    }));
    if (made.length === 0) return;
    const seen = new Set<string>();
    for (const spec of specs) {
      const { namespace } = spec.manifest.metadata;
      // The first object tells it for all that are in the same one.
      if (namespace === undefined || seen.has(namespace)) continue;
      seen.add(namespace);
      if (has('Namespace', '', namespace)) continue;
      const other = made.find(({ name }) => isMisspelt(namespace, name));
      if (other === undefined) continue;
      yield {
        spec,
        path: ['metadata', 'namespace'],
        message: `No manifest makes namespace ${quoted(namespace)}, but one makes ${other.name} (${other.source}).`,
        hint: `Did you mean ${other.name}?`,
      };
    }
  },
};

/** Names that differ by a digit or in a part of few letters are named so on purpose: `hall-1` and `hall-2`, `team-a` and `team-b`. */
function isMisspelt(written: string, made: string): boolean {
  const [before, after] = difference(written, made);
  if (before.length > 2 || after.length > 2 || /\d/.test(before + after)) return false;
  const isSwap = before.length === 2 && before === [...after].toReversed().join('');
  const isSlip = before.length <= 1 && after.length <= 1;
  const parts = made.split('-');
  const own = new Set(written.split('-'));
  return (isSwap || isSlip) && parts.every((part) => own.has(part) || part.length > 3);
}

/** What is left of both without what they begin and end with. */
function difference(one: string, other: string): readonly [string, string] {
  const shorter = Math.min(one.length, other.length);
  let begin = 0;
  while (begin < shorter && one[begin] === other[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return [one.slice(begin, one.length - end), other.slice(begin, other.length - end)];
}
