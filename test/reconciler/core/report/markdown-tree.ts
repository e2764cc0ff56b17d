import { parsers } from 'prettier/plugins/markdown';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** What our pages are made of; a link leads from the status page to its history. */
const OURS = new Set(
  'root heading paragraph text strong emphasis inlineCode code list listItem table tableRow tableCell html'.split(
    ' ',
  ),
);
const OUR_TAGS = /^(<br>|<\/details>|<details>\n<summary>[\w ]+<\/summary>)$/;
const LINK = /^history\/[\dTZa-f-]+\.json$/;

/** What a real parser of GitHub's dialect finds in `text` that we never write: links, pictures, tags, mentions. */
export async function foreignMarkdown(text: string): Promise<string[]> {
  const found: string[] = [];
  const visit = (node: Node): void => {
    const { type, value = '', children = [] } = node;
    if (type === 'link' && 'url' in node && LINK.test(String(node.url))) return;
    if (!OURS.has(type)) found.push(`${type} ${JSON.stringify(node)}`);
    if (type === 'html' && !OUR_TAGS.test(value)) found.push(`html ${value}`);
    // Forges look for these in what is no code.
    if (type === 'text' && /@\w|#\d|\bgh-\d|:\/\//i.test(value)) found.push(`text ${value}`);
    if (type === 'table') {
      const columns = new Set(children.map((row) => row.children?.length));
      if (columns.size > 1) found.push(`table with rows of ${[...columns].join(' and ')} cells`);
    }
    for (const child of children) visit(child);
  };
  // Its options are prettier's own, and none of them matters to what a text means.
  visit((await parsers.markdown.parse(text, {} as never)) as Node);
  return found;
}

/** The headings of `text`, as a real parser finds them. */
export async function headingsOf(text: string): Promise<string[]> {
  const root = (await parsers.markdown.parse(text, {} as never)) as Node;
  const words = (node: Node): string => node.value ?? (node.children ?? []).map(words).join('');
  return (root.children ?? []).filter(({ type }) => type === 'heading').map(words);
}
