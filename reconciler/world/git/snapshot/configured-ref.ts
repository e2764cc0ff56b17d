import type { Oid } from '../objects/git-object.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/** The commit that is configured itself in place of a ref. */
export function configuredCommit(ref: string): Oid | undefined {
  const lower = ref.toLowerCase();
  return COMMIT.test(lower) ? (lower as Oid) : undefined;
}

/** What a configured ref means, the first that exists: itself, a branch, a tag. */
export function lookUp(refs: ReadonlyMap<string, Oid>, ref: string): Oid | undefined {
  return fullNames(ref)
    .map((name) => refs.get(name))
    .find((oid) => oid !== undefined);
}

/** The full refs that a configured one may mean. */
export function fullNames(ref: string): readonly string[] {
  return ref === 'HEAD' || ref.startsWith('refs/')
    ? [ref]
    : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`];
}

/** Branches and then tags, as a person would write them. */
export function shortNames(refs: Iterable<string>): string[] {
  const all = [...refs];
  const below = (prefix: string) =>
    all
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .toSorted();
  return [...below('refs/heads/'), ...below('refs/tags/')];
}
