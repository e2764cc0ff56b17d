import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { Notification } from '../../../schemas/output/notification.ts';
import { clip, prose } from '../report/plain.ts';
import { STATE_SYMBOLS } from './notification.ts';

// Slack makes mentions of what stands in <…>, Mattermost and others of what begins with @, all of them bold and links of
// what authors of commits write. None of it may be more than text.

/** What Slack's incoming webhooks take, and what else speaks their language: others show `text` and know no blocks. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly object[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
  /** Nothing in the text is a name of somebody. */
  readonly link_names: false;
}

const STATE_WORDS = {
  applied: 'is applied',
  healthy: 'is healthy',
  waiting: 'waits',
  failed: 'has failed',
} as const satisfies Readonly<Record<CommitState, string>>;

const HEADER_SIZE = 150;
const SECTION_SIZE = 2_800;
const TEXT_SIZE = 3_500;

export function slackMessage(notification: Notification): SlackMessage {
  const { cluster, state, recovered, summary, obstacles, more, approvals, commit, author, subject, url } =
    notification;
  const lines = [
    ...obstacles.map(({ target, why }) => `• ${target}: ${why}`),
    ...(more > 0 ? [`• and ${more} more`] : []),
    ...approvals.map(({ action, target, path }) => `• ${action} ${target} waits for ${path}`),
  ].map((line) => prose(line, 600));
  const origin = prose(
    [commit.slice(0, 7), subject, author === undefined ? undefined : `by ${author}`]
      .filter((part) => part !== undefined && part !== '')
      .join(' '),
    400,
  );
  const headline = `${STATE_SYMBOLS[state]} ${prose(cluster, 100)} ${STATE_WORDS[state]}${recovered ? ' again' : ''}`;
  const said = prose(summary, 500);
  const link = url === undefined ? undefined : linkTo(url);
  return {
    text: [fitted([`${STATE_SYMBOLS[state]} ${said}`, ...lines, origin], TEXT_SIZE), link]
      .filter((part) => part !== undefined)
      .join('\n'),
    blocks: [
      { type: 'header', text: plain(headline, HEADER_SIZE) },
      { type: 'section', text: plain([said, ...lines].join('\n'), SECTION_SIZE) },
      {
        type: 'context',
        elements: [
          plain(origin, SECTION_SIZE),
          ...(link === undefined ? [] : [{ type: 'mrkdwn', text: link, verbatim: true }]),
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  };
}

/** Text that is shown as it is: no mark-up, no emoji. */
function plain(text: string, size: number): object {
  return { type: 'plain_text', text: clip(lifeless(text), size), emoji: false };
}

/** Lines as mark-up that marks up nothing; those that do not fit are left out. */
function fitted(lines: readonly string[], size: number): string {
  let text = '';
  for (const line of lines) {
    const next = escaped(line);
    if (text.length + next.length + 1 > size) break;
    text += text === '' ? next : `\n${next}`;
  }
  return text;
}

/** What Slack asks for, and what makes bold, italics, code and mentions of a character elsewhere. */
function escaped(text: string): string {
  return lifeless(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`|[\]]/g, (mark) => `${GAP}${mark}${GAP}`);
}

/** Takes no room, and parts what would be one word. */
const GAP = '\u200B';

/** Without mentions and links, however it is shown. */
function lifeless(text: string): string {
  return text
    .replaceAll('@', `@${GAP}`)
    .replaceAll('://', `:${GAP}//`)
    .replace(/<(?=[!@#])/g, `<${GAP}`);
}

/** Of an address from the configuration. */
function linkTo(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  return `<${parsed.href.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C')}|Status>`;
}
