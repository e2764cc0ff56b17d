const VOID = new Set(['meta', 'br']);
const TAGS =
  'html head meta title style body main section h1 h2 h3 p bdi code pre span strong ul ol li dl dt dd div del ins details summary table thead tbody tr th td br'.split(
    ' ',
  );
/** A tag as we write it: a class of our own words, and what the page's head needs. */
const TAG = new RegExp(
  `^<(/?)(${TAGS.join('|')})( class="[a-z -]*"| open| scope="col"| lang="en"| charset="utf-8"| (name|content|http-equiv)="[^"<>]*")*>$`,
);

/** What in a page is no tag that we write, and tags that do not end where they should. */
export function strayHtml(text: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  const body = text.replace('<!doctype html>', '').replace(/<style>[\s\S]*?<\/style>/, '');
  for (const [piece] of body.matchAll(/<[^>]*>?|[^<]+/g)) {
    if (!piece.startsWith('<')) {
      const bare = piece.replace(/&(amp|lt|gt|quot|#39);/g, '');
      if (/[<>&]/.test(bare)) found.push(`text ${piece}`);
      if (/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]/u.test(bare)) found.push(`invisible ${JSON.stringify(piece)}`);
      continue;
    }
    const [, end, name = ''] = TAG.exec(piece) ?? [];
    if (name === '') found.push(`tag ${piece}`);
    else if (end === '/') {
      if (open.pop() !== name) found.push(`end of ${name}`);
    } else if (!VOID.has(name)) open.push(name);
  }
  return [...found, ...open.map((name) => `${name} without an end`)];
}

/** The headings, each with its level. */
export function outline(text: string): string[] {
  return [...text.matchAll(/<h([123])>(.*?)<\/h\1>/g)].map(
    ([, level = '', words = '']) => `${level} ${words.replace(/<[^>]+>/g, '')}`,
  );
}
