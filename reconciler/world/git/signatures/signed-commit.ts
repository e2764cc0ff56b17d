/** A commit as it stands in the repository, taken apart into what was signed and the signature. */
export interface SignedCommit {
  /** The name of the author as the commit has it. */
  readonly author: string;
  /** When it was committed, by the clock of whoever did, in seconds since 1970. */
  readonly committedAt: number;
  /** All of it but the signature: what was signed. */
  readonly payload: Buffer;
  /** The signature in its armor, each line with its line break; undefined where there is none. */
  readonly signature?: string;
}

/** A commit that git itself would not have written. */
export class CommitFormatError extends Error {}

const LF = 0x0a;
const SPACE = 0x20;
const SIGNATURE = 'gpgsig';
const PERSON = /^(?:author|committer) ([^<>]*?) ?<[^<>]*> (\d{1,11}) [+-]\d{4}$/;
/** Headers that a commit has once or at its beginning; further on, programs disagree on what they mean. */
const RESERVED = new Set(['tree', 'parent', 'author', 'committer']);

interface Header {
  readonly name: string;
  /** The header with all that goes on it, and every line break. */
  readonly bytes: Buffer;
}

/**
 * Takes a commit apart by its bytes. Stricter than git: what two programs could read in two ways is refused, since what
 * was signed has to be what is applied.
 */
export function parseSignedCommit(content: Buffer): SignedCommit {
  const { headers, end } = headersOf(content);
  const names = headers.map(({ name }) => name);
  const parents = names.slice(1).findIndex((name) => name !== 'parent');
  const rest = names.slice(parents + 3);
  const person = names.slice(parents + 1, parents + 3).join(' ');
  if (names[0] !== 'tree' || parents === -1 || person !== 'author committer') {
    throw new CommitFormatError('its headers are not in git’s order');
  }
  const twice = rest.find((name) => RESERVED.has(name));
  if (twice !== undefined) throw new CommitFormatError(`it has a second header ${twice}`);
  const signatures = headers.filter(({ name }) => name.startsWith(SIGNATURE));
  if (signatures.length > 1) throw new CommitFormatError('it carries more than one signature');
  const [signature] = signatures;
  if (signature !== undefined && signature.name !== SIGNATURE) {
    throw new CommitFormatError(
      `its signature is in a header ${signature.name}, which this repository has no use for`,
    );
  }
  const signed = headers.filter((header) => header !== signature).map(({ bytes }) => bytes);
  const [author, committer] = headers.slice(parents + 1, parents + 3).map(personOf);
  return {
    author: author?.name ?? '',
    committedAt: committer?.at ?? 0,
    payload: Buffer.concat([...signed, content.subarray(end)]),
    ...(signature === undefined ? {} : { signature: unfolded(signature.bytes) }),
  };
}

/** The headers up to the empty line, and where that line begins. */
function headersOf(content: Buffer): { readonly headers: readonly Header[]; readonly end: number } {
  const headers: Header[] = [];
  let at = 0;
  while (content[at] !== LF) {
    let next = at;
    do {
      const lineEnd = content.indexOf(LF, next);
      if (lineEnd === -1) throw new CommitFormatError('it ends within its headers');
      next = lineEnd + 1;
    } while (content[next] === SPACE);
    const bytes = content.subarray(at, next);
    if (bytes.includes(0)) throw new CommitFormatError('it has a zero byte in its headers');
    const name = /^[^ \n]+(?= )/.exec(bytes.toString('latin1'))?.[0];
    if (name === undefined) throw new CommitFormatError('it has a header without a name');
    headers.push({ name, bytes });
    at = next;
  }
  return { headers, end: at };
}

function personOf({ name: header, bytes }: Header): { readonly name: string; readonly at: number } {
  const [, name, at] = PERSON.exec(bytes.toString('utf8').slice(0, -1)) ?? [];
  if (name === undefined || at === undefined || bytes.indexOf(LF) !== bytes.length - 1) {
    throw new CommitFormatError(`its ${header} cannot be read`);
  }
  return { name, at: Number(at) };
}

/** The value of a header that goes on over several lines. */
function unfolded(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .slice(SIGNATURE.length + 1)
    .replaceAll('\n ', '\n');
}
