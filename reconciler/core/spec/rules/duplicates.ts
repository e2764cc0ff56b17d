import { groupKind, type ObjectId, parseObjectId } from '../../kube/object.ts';
import type { Manifest } from '../manifest.ts';
import type { Problem } from '../problem.ts';

/** Manifests that describe the same object, whose rule is to stand alone. */
export function duplicates(manifests: readonly Manifest[]): ReadonlyMap<Manifest, Problem> {
  const byObject = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const key = manifest.kind === 'Settings' ? 'Settings' : manifest.id && identity(manifest.id);
    if (key === undefined) continue;
    byObject.set(key, [...(byObject.get(key) ?? []), manifest]);
  }
  const problems = new Map<Manifest, Problem>();
  for (const [key, same] of byObject) {
    if (same.length < 2) continue;
    for (const manifest of same) {
      const others = same.filter((each) => each !== manifest).map(placeOf);
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

/** An object in two versions of its API is still one object. */
function identity(id: ObjectId): string {
  const { namespace, name, ...type } = parseObjectId(id);
  return [groupKind(type), namespace ?? '', name].join('/');
}

/** `file:line`, as people and editors write it. */
export function placeOf({ place }: Manifest): string {
  return `${place.file}:${place.start.line}`;
}
