/** Bytes of a file, the first and the last one with it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** How an entity tag says which bytes are meant: no other bytes ever have it. */
export function entityTag(sha256: string): string {
  return `"sha256-${sha256}"`;
}

/** Headers by which a request says what it has already, and what it wants. */
export interface Conditions {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-range'?: string | undefined;
  readonly range?: string | undefined;
}

export type Wanted =
  | { readonly status: 200 }
  | { readonly status: 206; readonly range: ByteRange }
  /** What the request has is still so. */
  | { readonly status: 304 }
  /** It is not what the request asks for. */
  | { readonly status: 412 }
  /** There are no such bytes. */
  | { readonly status: 416 };

/** What a GET of so many bytes with this entity tag shall get (RFC 9110, 13.2.2 and 14.2). */
export function wantedBy(conditions: Conditions, tag: string, bytes: number): Wanted {
  const { range, 'if-match': match, 'if-none-match': noneMatch, 'if-range': ifRange } = conditions;
  if (match !== undefined && !lists(match, tag)) return { status: 412 };
  // A weak tag is as good where it is only asked whether something is new.
  if (noneMatch !== undefined && lists(noneMatch.replaceAll('W/"', '"'), tag)) return { status: 304 };
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== tag)) return { status: 200 };
  return rangeOf(range, bytes);
}

function lists(tags: string, tag: string): boolean {
  return tags.split(',').some((each) => each.trim() === tag || each.trim() === '*');
}

/** Several ranges at once, and what is no range, are answered with the whole. */
function rangeOf(text: string, bytes: number): Wanted {
  const [, from = '', to = ''] = /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(text) ?? [];
  if (from === '' && to === '') return { status: 200 };
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < first) return { status: 200 };
  return first > last ? { status: 416 } : { status: 206, range: { first, last } };
}
