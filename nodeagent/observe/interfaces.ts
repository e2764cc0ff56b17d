/** The interfaces that one is made of, and those that it is part of. */
export interface Neighbours {
  readonly lower: readonly string[];
  readonly upper: readonly string[];
}

/** What the files of an interface say of its neighbours: a bond of eth0 has a `lower_eth0`. */
export function neighbours(files: readonly string[]): Neighbours {
  const named = (prefix: string): readonly string[] =>
    files
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length))
      .toSorted();
  return { lower: named('lower_'), upper: named('upper_') };
}

/** What an interface speaks, by the kernel's number for it. */
export function interfaceKind(type: number): 'ethernet' | 'infiniband' | 'other' {
  return type === 1 ? 'ethernet' : type === 32 ? 'infiniband' : 'other';
}
