/**
 * Whether a list of patterns (`*@example.com,!eve@example.com`, PATTERNS in ssh_config(5)) has `text`: one of them does,
 * and none that begins with `!`.
 */
export function isInPatternList(text: string, list: string): boolean {
  const patterns = list.split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(text, pattern));
}

/** `*` stands for any number of characters and `?` for one. Takes no longer than both lengths multiplied. */
function matches(text: string, pattern: string): boolean {
  let at = 0;
  let p = 0;
  /** Where the last `*` was, and the text that it has been given so far. */
  let star = -1;
  let given = 0;
  while (at < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      given = at;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[at])) {
      at++;
      p++;
    } else if (star !== -1) {
      p = star + 1;
      at = ++given;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
