/** What stands in the place of a Secret's value. */
export const HIDDEN = '(hidden)';

/** Whether an ObjectId names a Secret. */
export function isSecret(target: string | undefined): boolean {
  return target?.startsWith('v1/Secret/') ?? false;
}

/**
 * Whether a field of this object may be shown. The planner has redacted Secrets already; this is the last net, so
 * it lists what is harmless and hides the rest, however a path may be spelled.
 */
export function mayShow(target: string, path: string): boolean {
  if (!isSecret(target)) return true;
  return /^(type$|immutable$|metadata\.(labels|annotations)\b)/.test(path) && !path.includes('last-applied');
}
