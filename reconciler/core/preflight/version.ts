/** A version of numbers, the most significant first: `5.10.0-35-amd64` is 5, 10, 0. */
export type Version = readonly number[];

/**
 * The numbers that a version begins with, such as those of a kernel's release (`6.8.0-45-generic`) or of Kubernetes
 * (`v1.32.4+k3s1`). What follows them tells builds apart and not versions. Undefined for what begins with no two numbers.
 */
export function parseVersion(text: string): Version | undefined {
  const [, found] = /^v?(\d{1,9}(?:\.\d{1,9}){1,3})(?![\d])/.exec(text) ?? [];
  return found?.split('.').map(Number);
}

/** Below zero where `one` is older, above where it is newer: numbers are compared as such, and missing ones count as 0. */
export function compareVersions(one: Version, other: Version): number {
  for (let part = 0; part < Math.max(one.length, other.length); part++) {
    const difference = (one[part] ?? 0) - (other[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
