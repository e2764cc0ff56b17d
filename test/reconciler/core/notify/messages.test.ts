import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Notification } from '../../../../schemas/output/notification.ts';
import { commitEnd } from '../../../../reconciler/core/report/commit-end.ts';
import { reportNotification, unreadNotification } from '../../../../reconciler/core/notify/notification.ts';
import { slackMessage } from '../../../../reconciler/core/notify/slack-message.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import { aChange, aFullReport, aReport, done, health } from '../report/samples.ts';

const AT = new Date('2026-11-25T18:04:12Z');
const FRAME = {
  cluster: 'production',
  ref: 'main',
  at: AT,
  recovered: false,
  url: 'https://forge.example/status',
};
const LINK = '<https://forge.example/status|Status>';
const WEB = 'apps/v1/Deployment/weka/web';

function notification(report: Report, frame: Partial<typeof FRAME> = {}): Notification {
  const end = commitEnd(report);
  if (end === undefined) throw new Error('The commit is on its way.');
  return Notification.parse(reportNotification(report, end, { ...FRAME, ...frame }));
}

const well = aReport({
  outcomes: [done(aChange('create', WEB))],
  health: health({ [WEB]: { state: 'current', message: 'It is there' } }),
});

describe('a notification', () => {
  it('says in a sentence how a commit does', () => {
    expect(notification(well).summary).toBe('production at main@1a2b3c4 is healthy: 1 object: 1 ready');
    expect(notification(well, { recovered: true }).summary).toContain('is healthy again');
    expect(notification(well).made).toMatchObject({ created: 1 });
  });

  it('says what is in the way, the first of it', () => {
    const { state, obstacles, more, summary } = notification(aFullReport());
    expect(state).toBe('failed');
    expect(obstacles.map(({ target }) => target)).toContain('v1/PersistentVolumeClaim/weka/data');
    expect([obstacles.length <= 10, more]).toEqual([true, 0]);
    expect(summary).toMatch(/^production at main@1a2b3c4 has failed: .*1 failed/);
    const many = Array.from({ length: 25 }, (_, n) => aChange('refuse', `v1/ConfigMap/weka/c-${n}`));
    expect(notification(aReport({ changes: many }))).toMatchObject({ more: 15 });
  });

  it('says of a commit that cannot be read why', () => {
    const end = { commit: '2'.repeat(40), state: 'failed', detail: 'REPOSITORY_TOO_LARGE' } as const;
    const error = { code: 'REPOSITORY_TOO_LARGE', message: 'It is too large.', hint: 'Make it small.' };
    expect(Notification.parse(unreadNotification(error, end, FRAME))).toMatchObject({
      summary: 'production at main@2222222 cannot be read (REPOSITORY_TOO_LARGE)',
      obstacles: [{ target: 'main@2222222', why: 'It is too large. Make it small.' }],
    });
  });

  it('holds no secret', () => {
    const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    const told = notification(
      aReport({
        subject: `Use ${secret}`,
        changes: [aChange('refuse', WEB, { reason: `password=${secret}` })],
        sealedTexts: ['the-sealed-text'],
        findings: [
          {
            level: 'error',
            rule: 'r',
            file: 'a.yaml',
            line: 1,
            column: 1,
            message: 'It says the-sealed-text.',
          },
        ],
      }),
    );
    expect(JSON.stringify([told, slackMessage(told)])).not.toMatch(/ghp_|the-sealed-text/);
  });
});

describe('a message for Slack', () => {
  it('is the same in its blocks and in its text, for those that know no blocks', () => {
    const message = slackMessage(notification(aFullReport()));
    expect(message.text.replaceAll('\u200B', '')).toContain('✗ production at main@1a2b3c4 has failed');
    expect(message.text).toContain('v1/PersistentVolumeClaim/weka/data');
    expect(message.blocks.map((block) => (block as { type: string }).type)).toEqual([
      'header',
      'section',
      'context',
    ]);
  });

  it.each([
    '<!channel>',
    '<!here|here>',
    '<@U024BE7LH>',
    '<#C0|x>',
    '<https://evil.example|click>',
    '@here',
    '@all',
  ])('makes nothing of %s', (text) => {
    const shown = JSON.stringify(slackMessage({ ...notification(well), subject: text, summary: text }));
    expect(shown.replaceAll(LINK, '')).not.toMatch(/<[!@#]|@(here|all|channel|U)|:\/\//);
  });

  it('has no mark-up of others and fits, whatever is in it', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.constantFrom(
        '<!channel>',
        '@everyone',
        '&lt;',
        '*b*',
        '`c`',
        '](http://x)',
        'x'.repeat(5_000),
        '\u0000',
      ),
    );
    const obstacles = fc.array(fc.record({ target: word, why: word }), { maxLength: 10 });
    fc.assert(
      fc.property(word, word, obstacles, (subject, summary, inTheWay) => {
        const told = {
          ...notification(well),
          subject,
          summary: `It is ${summary}`,
          author: subject,
          obstacles: inTheWay,
        };
        const { text, blocks } = slackMessage(told);
        expect(text.length).toBeLessThanOrEqual(3_600);
        expect(text.replace(LINK, '')).not.toMatch(/[<>]|@(?!\u200B)|&(?!(?:amp|lt|gt);)/);
        for (const part of plainTexts(blocks)) {
          expect(part.length).toBeGreaterThan(0);
          expect(part.length).toBeLessThanOrEqual(3_000);
          expect(part).not.toMatch(/<[!@#]|@(?!\u200B)/);
        }
      }),
    );
  });
});

function plainTexts(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  if (type === 'plain_text' && typeof text === 'string') return [text];
  return Object.values(value).flatMap(plainTexts);
}
