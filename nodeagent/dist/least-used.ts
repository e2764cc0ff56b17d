/** A file that may have to go for others. */
export interface Removable {
  readonly bytes: number;
  /** When it was last asked for, or came; milliseconds. */
  readonly usedAt: number;
}

/** Which files to remove so that `bytes` get free: those that were not used for longest. Undefined where all of them are too few. */
export function leastUsed<File extends Removable>(
  files: readonly File[],
  bytes: number,
): readonly File[] | undefined {
  const gone: File[] = [];
  let missing = bytes;
  for (const file of files.toSorted((one, other) => one.usedAt - other.usedAt)) {
    if (missing <= 0) break;
    gone.push(file);
    missing -= file.bytes;
  }
  return missing > 0 ? undefined : gone;
}
