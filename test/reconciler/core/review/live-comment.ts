import { expect } from 'vitest';
import { foreignMarkdown } from '../report/markdown-tree.ts';
import { liveMarkdown } from '../report/live-markdown.ts';

/** A link of ours: code that leads to the forge. */
const LINK =
  /\[(`+)(?!`)((?:(?!\1(?!`)).|(?<=`)`)*?[^`])\1(?!`)\]\(https:\/\/forge\.example\/[\w\-.~:/?#@!$&'+,;=%]*\)/gu;

/** What could come alive in a comment by somebody else's text, links to the forge's own pages aside. */
export async function liveComment(text: string): Promise<readonly string[]> {
  const page = withoutMarker(text);
  const foreign = (await foreignMarkdown(page)).filter(
    (each) => !/^link \{.*"url":"https:\/\/forge\.example\//.test(each),
  );
  const unlinked = page.replace(LINK, '$1$2$1').replace(/^- /gm, '');
  return [...foreign, ...liveMarkdown(unlinked)];
}

/** What readers see. */
export function withoutMarker(text: string): string {
  const [line = '', ...rest] = text.split('\n');
  expect(line).toMatch(/^<!-- weka-gitops [A-Za-z0-9_-]+ -->$/);
  expect(rest[0]).toBe('');
  return rest.slice(1).join('\n');
}
