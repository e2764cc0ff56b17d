/** `ENOENT` and its like, of an error that the file system gave; undefined for any other. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}

/** A file is not there: another process has put something else in its place, or somebody deleted it. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '');
}
