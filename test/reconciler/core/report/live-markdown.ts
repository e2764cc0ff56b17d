/**
 * What in our Markdown could come alive by somebody else's text, going line by line as GitHub's dialect reads it:
 * fences first, then the cells of tables, then code spans. What is left has to be plain text and our own few tags.
 */
export function liveMarkdown(text: string): string[] {
  const found: string[] = [];
  let fence: string | undefined;
  let columns: number | undefined;
  let open = 0;
  for (const line of text.split('\n')) {
    if (fence !== undefined) {
      if (/^`+$/.test(line) && line.length >= fence.length) fence = undefined;
      continue;
    }
    const start = /^(`{3,})(diff|text|mermaid|yaml)$/.exec(line);
    if (start !== null) {
      fence = start[1];
      continue;
    }
    if (line === '<details>') open += 1;
    if (line === '</details>') open -= 1;
    if (/^<\/?details>$|^<summary>[\w ]+<\/summary>$/.test(line)) continue;

    const isRow = line.startsWith('| ') || line.startsWith('|  |');
    const cells = isRow ? line.split(/(?<!\\)\|/) : [line];
    if (isRow && columns !== undefined && cells.length !== columns) found.push(`cells: ${line}`);
    columns = isRow ? cells.length : undefined;
    for (const cell of cells) {
      const rest = withoutCode(cell)
        .replace(/^#{3,5} |^- (?=\*\*[a-z-]+\*\* in \d+ objects?:)/, '')
        .replaceAll('<br>', ' ')
        .replace(/\*\*[^*]*\*\*/g, ' ')
        .replace(/(^|[ ])_[a-z ,]+_(?=$|[ ])/g, ' ')
        .replace(/\[[\d :UTCZ-]+\]\(history\/[\dTZa-f-]+\.json\)/g, ' ');
      if (/[<>@#&*_`~$[\]\\{}|^]|:\/\/|www\.|\bgh-\d/i.test(rest) || /^\s*([-+=]|\d+[.)])\s/.test(rest)) {
        found.push(`live: ${JSON.stringify(rest)} in ${line}`);
      }
    }
  }
  if (fence !== undefined) found.push('a fence that does not end');
  if (open !== 0) found.push('a fold that does not end');
  // oxlint-disable-next-line no-control-regex
  if (/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) found.push('an invisible character');
  return found;
}

/** Code spans end at a run of as many backticks as began them. */
function withoutCode(text: string): string {
  let rest = '';
  for (let at = 0; at < text.length;) {
    const run = /^`+/.exec(text.slice(at))?.[0];
    if (run === undefined) {
      rest += text[at];
      at += 1;
      continue;
    }
    const ends = [...text.slice(at + run.length).matchAll(/`+/g)].find(([end]) => end.length === run.length);
    if (ends === undefined) {
      rest += run;
      at += run.length;
    } else {
      rest += 'x';
      at += run.length + ends.index + run.length;
    }
  }
  return rest;
}
