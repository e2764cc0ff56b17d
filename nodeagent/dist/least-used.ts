/** Which of the files, those first that were not used for longest, to remove so that `bytes` get free. Undefined where all of them are too few. */
export function leastUsed<File extends { readonly bytes: number }>(
  files: readonly File[],
  bytes: number,
): readonly File[] | undefined {
  const gone: File[] = [];
  let missing = bytes;
  for (const file of files) {
    if (missing <= 0) break;
    gone.push(file);
    missing -= file.bytes;
  }
  return missing > 0 ? undefined : gone;
}
