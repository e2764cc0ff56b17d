import type { ForgePages } from '../../forge-port.ts';
import type { CommitSha } from '../../ports.ts';
import { sha256Hex } from '../kube/hash.ts';
import { withPlainMarks } from '../plan/mark.ts';
import { code, codeLink } from '../report/markdown-text.ts';
import { document, type Room } from '../report/markdown-room.ts';
import { timeWords } from '../report/plain.ts';
import { type Marker, writeMarker } from './marker.ts';

/** As long as a real one, so that the room that a page has does not depend on it. */
const NO_BODY = `sha256:${'0'.repeat(64)}`;

/** What of a page is no news: when it was written, and the tip of the base that was looked at. */
interface Passing {
  readonly at?: Date;
  readonly base?: string;
}

/** A page of at most `limit` characters behind its marker, which holds a digest of what readers see. */
export function writtenPage<Each extends Extract<Marker, { readonly body: string }>>(
  bare: Omit<Each, 'body'>,
  blocks: (room: Room) => Iterable<string>,
  {
    limit,
    verb,
    passing = {},
  }: { readonly limit: number; readonly verb: string; readonly passing?: Passing },
): { readonly marker: Each; readonly text: string } {
  const withBody = (body: string) => ({ ...bare, body }) as unknown as Each;
  const room = limit - writeMarker(withBody(NO_BODY)).length - 2;
  const page = document(verb, room, blocks);
  const marker = withBody(bodyOf(page, passing));
  return { marker, text: `${writeMarker(marker)}\n\n${page}` };
}

/**
 * A digest of what a page says. That marks of hidden values differ between processes is no news, nor that the end of an
 * Approval to commit moves with the time of day.
 */
function bodyOf(page: string, { at, base }: Passing): string {
  const passing = [
    ...(at === undefined ? [] : [timeWords(at.toISOString())]),
    ...(base === undefined || base === '' ? [] : [base, code(commitLabel(base))]),
  ];
  const said = passing
    .reduce((rest, each) => rest.replaceAll(each, ''), String(withPlainMarks(page)))
    .replace(/(expires: \d{4}-\d\d-\d\d)T[\d:.]+Z/g, '$1');
  return `sha256:${sha256Hex(said)}`;
}

/** A commit, as pages name it. */
export function commitLink(commit: CommitSha, pages: Pick<ForgePages, 'commit'>): string {
  return codeLink(commitLabel(commit), pages.commit(commit));
}

function commitLabel(commit: string): string {
  return commit.slice(0, 7);
}
