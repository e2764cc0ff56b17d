import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalOf } from '../../../../reconciler/core/review/approval-of.ts';
import { type Command, mayFollow, parseCommand } from '../../../../reconciler/core/review/commands.ts';

const DIGITS = '0123456789abcdef'.repeat(4);

describe('parseCommand', () => {
  it.each<[string, Command]>([
    ['/weka-gitops plan', { verb: 'plan' }],
    ['/weka-gitops  plan  ', { verb: 'plan' }],
    ['/weka-gitops plan\nplease, @team', { verb: 'plan' }],
    ['/weka-gitops plan\r\n', { verb: 'plan' }],
    ['/weka-gitops plan --cluster hall-1', { verb: 'plan', cluster: 'hall-1' }],
    ['/weka-gitops plan --cluster=hall-1', { verb: 'plan', cluster: 'hall-1' }],
    ['/weka-gitops explain deployment/weka/web', { verb: 'explain', target: 'deployment/weka/web' }],
    [
      '/weka-gitops explain deployment/weka/web spec.containers[name=weka].image --cluster b',
      {
        verb: 'explain',
        target: 'deployment/weka/web',
        field: 'spec.containers[name=weka].image',
        cluster: 'b',
      },
    ],
    [`/weka-gitops approve sha256:${DIGITS}`, { verb: 'approve', digest: `sha256:${DIGITS}` }],
    ['/weka-gitops approve 0123456789ab', { verb: 'approve', digest: 'sha256:0123456789ab' }],
    [
      '/weka-gitops suspend moving to hall 2 – ask Zoë',
      { verb: 'suspend', reason: 'moving to hall 2 – ask Zoë' },
    ],
    ['/weka-gitops suspend why --cluster b', { verb: 'suspend', reason: 'why', cluster: 'b' }],
    ['/weka-gitops resume', { verb: 'resume' }],
  ])('understands %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    '',
    'plan',
    ' /weka-gitops plan',
    '\n/weka-gitops plan',
    '> /weka-gitops plan',
    '```\n/weka-gitops plan\n```',
    '`/weka-gitops plan`',
    '- /weka-gitops plan',
    '<!-- x -->\n/weka-gitops plan',
    '/weka-gitops',
    '/weka-gitops ',
    '/weka-gitopsplan',
    '/weka-gitops-plan',
    '/weka-gitops plan now',
    '/weka-gitops plan --cluster',
    '/weka-gitops plan --cluster Hall_1',
    '/weka-gitops plan --cluster a --cluster b',
    '/weka-gitops plan --force',
    '/weka-gitops PLAN',
    '/WEKA-GITOPS plan',
    '/weka-gitops\u00a0plan',
    '/weka-gitops\tplan',
    '/weka-gitops plan\u200b',
    '\u200b/weka-gitops plan',
    '\ufeff/weka-gitops plan',
    '\u2215weka-gitops plan',
    '/weka\u2010gitops plan',
    '/wek\u0430-gitops plan',
    '/weka-gitops pl\u0430n',
    '/weka-gitops explain',
    '/weka-gitops explain a b c',
    '/weka-gitops explain deploym\u0435nt/weka/web',
    `/weka-gitops explain ${'a'.repeat(301)}`,
    '/weka-gitops approve',
    '/weka-gitops approve all',
    '/weka-gitops approve sha256:0123456789a',
    '/weka-gitops approve sha256:0123456789AB',
    `/weka-gitops approve sha256:${DIGITS}0`,
    '/weka-gitops approve 0123456789ab 0123456789ab',
    '/weka-gitops suspend',
    '/weka-gitops suspend a\u202eb',
    '/weka-gitops suspend a\u0007b',
    `/weka-gitops suspend ${'a'.repeat(501)}`,
    '/weka-gitops suspend why --cluster a --cluster b',
    '/weka-gitops suspend why --cluster Hall_1',
    '/weka-gitops suspend why \u2014cluster hall-1',
    '/weka-gitops explain a --cluster',
    '/weka-gitops explain --help',
    '/weka-gitops resume now',
    '/weka-gitops destroy demo',
    `/weka-gitops plan${' '.repeat(1000)}`,
  ])('takes %j for none', (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });

  it('takes no time over a huge comment, and never throws', () => {
    const before = process.cpuUsage();
    parseCommand('/weka-gitops suspend '.repeat(1_000_000));
    parseCommand(`/weka-gitops plan${' --cluster a'.repeat(80)}`);
    parseCommand(`/weka-gitops explain ${' '.repeat(950)}`);
    parseCommand(`/weka-gitops suspend ${' -'.repeat(480)}`);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
    const word = fc.constantFrom(
      '/weka-gitops',
      'plan',
      'explain',
      '--cluster',
      'a',
      ' ',
      '\n',
      '\u0430',
      '=',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 4 }))), (parts) => {
        const text = parts.join('');
        if (parseCommand(text) !== undefined) expect(text.startsWith('/weka-gitops ')).toBe(true);
      }),
    );
  });
});

describe('approvalOf', () => {
  const awaited = (digest: string) => ({
    action: 'a',
    target: 't',
    digest,
    changes: [],
    path: 'p',
    file: 'f',
  });
  const one = awaited(`sha256:${'a'.repeat(64)}`);
  const two = awaited(`sha256:${'a'.repeat(20)}${'b'.repeat(44)}`);

  it('finds what a beginning names alone', () => {
    expect(approvalOf([one, two], one.digest)).toEqual({ found: 'one', approval: one });
    expect(approvalOf([one, two], two.digest.slice(0, 40))).toEqual({ found: 'one', approval: two });
    expect(approvalOf([one, two], one.digest.slice(0, 20))).toEqual({ found: 'several' });
    expect(approvalOf([one], `sha256:${'c'.repeat(12)}`)).toEqual({ found: 'none' });
  });
});

describe('mayFollow', () => {
  const seconds = (n: number) => new Date(Date.UTC(2026, 10, 25, 18, 0, n));
  const every = (step: number, n: number) => Array.from({ length: n }, (_, index) => seconds(index * step));

  it('allows five a minute to a person', () => {
    const byPerson = every(1, 5);
    expect(mayFollow(seconds(4), { byPerson: byPerson.slice(1), onPullRequest: [] })).toBe(true);
    expect(mayFollow(seconds(59), { byPerson, onPullRequest: [] })).toBe(false);
    expect(mayFollow(seconds(60), { byPerson, onPullRequest: [] })).toBe(true);
  });

  it('allows thirty an hour on a pull request', () => {
    const onPullRequest = every(100, 30);
    expect(mayFollow(seconds(3599), { byPerson: [], onPullRequest })).toBe(false);
    expect(mayFollow(seconds(3600), { byPerson: [], onPullRequest })).toBe(true);
  });
});
