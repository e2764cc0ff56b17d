import { groupKind, type ObjectId, parseObjectId } from '../../kube/object.ts';
import type { Manifest } from '../manifest.ts';
import type { Problem } from '../problem.ts';

/** Manifests that describe the same object, whose rule is to stand alone. */
export function duplicates(manifests: readonly Manifest[]): ReadonlyMap<Manifest, Problem> {
  const byObject = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const key = identityOf(manifest);
    if (key === undefined) continue;
    byObject.set(key, [...(byObject.get(key) ?? []), manifest]);
  }
  const problems = new Map<Manifest, Problem>();
  for (const [key, same] of byObject) {
    if (same.length < 2) continue;
    for (const manifest of same) {
      const others = same.filter((each) => each !== manifest).map(describePlace);
      const places = `${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`;
      problems.set(
        manifest,
        key === 'Settings'
          ? {
              rule: 'duplicate-settings',
              path: ['kind'],
              message: `There are Settings in ${places} too, and only one may hold.`,
              hint: 'Merge them into one manifest.',
            }
          : {
              rule: 'duplicate-object',
              path: ['metadata', 'name'],
              message: `${manifest.id} is also described in ${places}.`,
              hint: 'Remove all but one.',
            },
      );
    }
  }
  return problems;
}

/** Whether there is anything among them for `duplicates` to find, by the identities that `identityOf` gave. */
export function hasTwice(identities: Iterable<readonly string[]>): boolean {
  const seen = new Set<string>();
  for (const file of identities) {
    for (const each of file) {
      if (seen.has(each)) return true;
      seen.add(each);
    }
  }
  return false;
}

/** What only one manifest of a repository may be; undefined for one that cannot be told from others. */
export function identityOf({ kind, id }: Manifest): string | undefined {
  return kind === 'Settings' ? 'Settings' : id && identity(id);
}

/** An object in two versions of its API is still one object. */
function identity(id: ObjectId): string {
  const { namespace, name, ...type } = parseObjectId(id);
  return [groupKind(type), namespace ?? '', name].join('/');
}

/** The place, and how it came from there to be another manifest. */
function describePlace(manifest: Manifest): string {
  const { builtIn } = manifest.place;
  return builtIn === undefined ? placeOf(manifest) : `${placeOf(manifest)} as built in ${builtIn || '.'}`;
}

/** `file:line`, as people and editors write it. */
export function placeOf({ place }: Manifest): string {
  return `${place.file}:${place.start.line}`;
}
