/** A kind with its article: `a WekaCluster`, `an Approval`. */
export function withArticle(kind: string): string {
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
