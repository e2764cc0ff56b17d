/** The version in an image's tag. */
export interface ImageVersion {
  /** The whole tag, which names a version's packages: `4.4.5.118-k8s.3`. */
  readonly tag: string;
  /** `4.4.5.118` */
  readonly number: string;
  /** `4.4` */
  readonly minor: string;
}

/** The version that an image's tag begins with; undefined for a tag without one. */
export function imageVersion(image: string): ImageVersion | undefined {
  const [, tag, number] = /:((\d+\.\d+\.\d+(?:\.\d+)*)[^/:@]*)(?:@[^/]*)?$/.exec(image) ?? [];
  if (tag === undefined || number === undefined) return undefined;
  return { tag, number, minor: number.split('.').slice(0, 2).join('.') };
}

/** Below zero where `a` is older, above where it is newer; missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let part = 0; part < Math.max(one.length, other.length); part++) {
    const difference = (one[part] ?? 0) - (other[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
