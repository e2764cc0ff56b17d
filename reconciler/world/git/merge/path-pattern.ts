/** A piece of a pattern: characters as they are, one of any but a slash, or any number of characters or of folders. */
type Token = { readonly text: string } | 'one' | 'some' | 'any' | 'folders';

/**
 * A pattern of paths as gitattributes(5) has them, below the folder that its file is in; it has rather too many than too
 * few. What it takes to look at a path grows with both their lengths multiplied, however the pattern was made.
 */
export class PathPattern {
  readonly #tokens: readonly Token[];

  constructor(pattern: string) {
    const plain = pattern.startsWith('"') ? pattern.slice(1, -1) : pattern;
    const isAnchored = plain.replace(/\/$/, '').includes('/');
    const parts = plain.replace(/^\//, '').match(/\*\*\/|\*+|\[[^\]]*\]|\\.|[^]/g) ?? [];
    this.#tokens = [...(isAnchored ? [] : ['folders' as const]), ...parts.map(tokenOf)];
  }

  matches(path: string): boolean {
    /** By place in the path: whether the tokens so far can end there. */
    let ends = new Uint8Array(path.length + 1);
    ends[0] = 1;
    for (const token of this.#tokens) {
      const next = new Uint8Array(path.length + 1);
      let isRunning = false;
      for (let at = 0; at <= path.length; at++) {
        const isEnd = ends[at] === 1;
        isRunning ||= isEnd;
        if (token === 'any' || token === 'some') {
          if (isRunning) next[at] = 1;
          if (token === 'some' && path[at] === '/') isRunning = false;
        } else if (token === 'folders') {
          if (isEnd) next[at] = 1;
          if (isRunning && path[at] === '/') next[at + 1] = 1;
        } else if (isEnd && token === 'one') {
          if (at < path.length && path[at] !== '/') next[at + 1] = 1;
        } else if (isEnd && token !== 'one' && path.startsWith(token.text, at)) {
          next[at + token.text.length] = 1;
        }
      }
      ends = next;
    }
    return ends[path.length] === 1;
  }
}

function tokenOf(part: string): Token {
  if (part === '**/') return 'folders';
  if (part === '**') return 'any';
  if (part.startsWith('*')) return 'some';
  if (part === '?' || (part.length > 1 && part.startsWith('['))) return 'one';
  return { text: part.length > 1 ? part.slice(1) : part };
}
