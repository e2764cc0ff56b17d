/** `ENOSPC`, `EROFS` and others, of what the system says of a disk; undefined for what is none of it. */
export function diskCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
