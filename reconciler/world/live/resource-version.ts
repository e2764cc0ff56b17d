/**
 * Which of two versions of the same kind is older: negative where `a` is. The API server counts in whole numbers, and
 * says since Kubernetes 1.35 that clients may compare them. Undefined where one of them is none.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!NUMBER.test(a) || !NUMBER.test(b)) return undefined;
  return a.length - b.length || (a < b ? -1 : 1);
}

const NUMBER = /^(0|[1-9]\d*)$/;
