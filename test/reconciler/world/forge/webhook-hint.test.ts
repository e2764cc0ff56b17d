import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hint, hintOf } from '../../../../reconciler/world/forge/webhook-hint.ts';

const REPOSITORY = { full_name: 'acme/storage' };
const NAME = { repository: 'acme/storage' };

function hint(event: string, payload: unknown): Hint | undefined {
  return hintOf(event, Buffer.from(JSON.stringify(payload)));
}

describe('what a delivery tells', () => {
  it.each<[string, object, Hint]>([
    ['push', { ref: 'refs/heads/main' }, { event: 'push', ref: 'refs/heads/main' }],
    ['push', { ref: 'refs/heads/gone', deleted: true }, { event: 'push', ref: 'refs/heads/gone' }],
    [
      'pull_request',
      { action: 'opened', number: 7, pull_request: { number: 7 } },
      { event: 'pull_request', pullRequest: 7 },
    ],
    [
      'pull_request_review',
      { action: 'submitted', pull_request: { number: 7 } },
      { event: 'pull_request', pullRequest: 7 },
    ],
    ['pull_request_approved', { pull_request: { number: 7 } }, { event: 'pull_request', pullRequest: 7 }],
    ['pull_request_review_comment', { pull_request: { number: 7 } }, { event: 'comment', pullRequest: 7 }],
    // GitHub tells in the issue that it is a pull request, Gitea beside it.
    [
      'issue_comment',
      { issue: { number: 7, pull_request: { url: 'x' } } },
      { event: 'comment', pullRequest: 7 },
    ],
    ['issue_comment', { is_pull: true, issue: { number: 7 } }, { event: 'comment', pullRequest: 7 }],
    ['issue_comment', { issue: { number: 7, pull_request: null } }, { event: 'other' }],
    ['issues', { issue: { number: 7 } }, { event: 'other' }],
    ['ping', { zen: 'Design for failure.' }, { event: 'other' }],
    ['check_run', { check_run: {} }, { event: 'other' }],
    ['', {}, { event: 'other' }],
  ])('by %s is a hint', (event, payload, expected) => {
    expect(hint(event, { ...payload, repository: REPOSITORY })).toEqual({ ...expected, ...NAME });
  });

  it.each<[string, object]>([
    ['names that are none', { ref: ['refs/heads/main'], repository: { full_name: 7 } }],
    ['names with line breaks', { ref: 'refs/heads/\nmain', repository: { full_name: 'acme/\u202Estorage' } }],
    ['names without an end', { ref: 'x'.repeat(301), repository: { full_name: `a/${'x'.repeat(300)}` } }],
    ['nothing where something should be', { ref: null, repository: null, pull_request: null }],
    ['numbers that are none', { pull_request: { number: '7' }, issue: { number: -1, pull_request: {} } }],
  ])('with %s is only that something was pushed', (_what, payload) => {
    expect(hint('push', payload)).toEqual({ event: 'push' });
  });

  it('takes a pull request’s own word for its number, and not what else its object inherits', () => {
    const polluted = '{"__proto__":{"ref":"refs/heads/main"},"repository":{"full_name":"acme/storage"}}';
    expect(hintOf('push', Buffer.from(polluted))).toEqual({ event: 'push', ...NAME });
  });

  it('is nothing where it is no JSON object', () => {
    for (const text of ['', 'null', '[]', '7', '"a"', '{', '[[['.repeat(100_000)]) {
      expect(hintOf('push', Buffer.from(text))).toBeUndefined();
    }
  });

  it('is told of whatever JSON comes, and throws nothing', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.dictionary(
          fc.constantFrom('ref', 'repository', 'issue', 'pull_request', 'is_pull'),
          fc.jsonValue(),
        ),
        (event, payload) => {
          const told = hint(event, payload);
          expect(['push', 'pull_request', 'comment', 'other']).toContain(told?.event);
          expect(typeof (told?.pullRequest ?? 1)).toBe('number');
        },
      ),
    );
  });
});
