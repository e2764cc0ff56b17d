import { parseRetryAfter } from '../../core/schedule/backoff.ts';
import { ForgeError } from './errors.ts';

/** Whom was asked, for messages. */
export interface Asked {
  readonly forge: 'GitHub' | 'Gitea';
  /** Host and port of its API. */
  readonly host: string;
}

/** An answer that is no success. */
export interface BadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As JSON, where it was. */
  readonly data: unknown;
  /** Method and path of the request, without its query. */
  readonly request: string;
}

/** What to wait where a secondary limit does not say it; GitHub asks for at least a minute. */
const UNSAID_LIMIT_MS = 60_000;

/** A status of 400 and above as the failure that it means. */
export function describeAnswer(asked: Asked, answer: BadAnswer): ForgeError {
  const { status, headers, request } = answer;
  const { forge, host } = asked;
  const limited = rateLimit(asked, answer);
  if (limited !== undefined) return limited;
  const isJson = /\bjson\b/i.test(headers['content-type'] ?? '');
  switch (status) {
    case 401:
      return new ForgeError('FORGE_UNAUTHORIZED', `${forge} at ${host} refuses our credentials (401).`, {
        status,
        hint: 'The token or key is missing, wrong, expired or revoked: configure a new one.',
      });
    case 403:
    case 451:
      return forbidden(asked, answer);
    case 404:
    case 410: {
      if (isJson) {
        return new ForgeError(
          'FORGE_NOT_FOUND',
          `${forge} has nothing at ${request} that we may see (${status}).`,
          {
            status,
            hint:
              notFoundHint(answer) ??
              'Check forge.repository. Forges also say so where the account has no rights to a private repository.',
          },
        );
      }
      return noApi(asked, status);
    }
    default:
      if (status >= 500) {
        return new ForgeError(
          'FORGE_UNREACHABLE',
          `${forge} at ${host} has trouble of its own (${status}).`,
          {
            status,
            retryAfterMs: parseRetryAfter(headers['retry-after'], new Date()),
            hint: 'It is asked again later.',
          },
        );
      }
      if (!isJson) return noApi(asked, status);
      return new ForgeError(
        'FORGE_REJECTED',
        `${forge} refuses ${request} (${status})${quoted(answer.data)}.`,
        { status },
      );
  }
}

/** What answers is no API of that forge. */
export function noApi({ forge, host }: Asked, status: number): ForgeError {
  return new ForgeError('FORGE_ANSWER', `${host} does not answer as the API of ${forge} does (${status}).`, {
    status,
    hint: 'Check forge.kind and forge.url, and whether a proxy answers in its place.',
  });
}

function rateLimit({ forge, host }: Asked, { status, headers, data }: BadAnswer): ForgeError | undefined {
  if (status !== 403 && status !== 429) return undefined;
  // By the forge's own clock, since ours may differ from it.
  const now = new Date(Date.parse(headers['date'] ?? '') || Date.now());
  const after = parseRetryAfter(headers['retry-after'], now);
  const said = messageOf(data);
  if (headers['x-ratelimit-remaining'] === '0' && after === undefined) {
    const reset = Number(headers['x-ratelimit-reset']) * 1000;
    // A second more, since both are whole seconds.
    const retryAfterMs = Number.isFinite(reset) ? Math.max(0, reset - now.getTime()) + 1000 : UNSAID_LIMIT_MS;
    const limit = headers['x-ratelimit-limit'];
    const most = limit === undefined ? '' : ` of ${limit} an hour`;
    return new ForgeError('FORGE_RATE_LIMIT', `The rate limit${most} of ${forge} at ${host} is used up.`, {
      status,
      retryAfterMs,
      hint: 'It is asked again once the limit is renewed. Give us an account of our own, if others use this one.',
    });
  }
  if (status === 429 || after !== undefined || /secondary rate limit|abuse detection/i.test(said)) {
    return new ForgeError('FORGE_RATE_LIMIT', `${forge} at ${host} asks for fewer requests (${status}).`, {
      status,
      retryAfterMs: after ?? UNSAID_LIMIT_MS,
      hint: 'It is asked again later. Give us an account of our own, if others use this one.',
    });
  }
  return undefined;
}

function forbidden({ forge, host }: Asked, answer: BadAnswer): ForgeError {
  const { status, headers, data, request } = answer;
  if (/^required\b/.test(headers['x-github-sso'] ?? '')) {
    return new ForgeError(
      'FORGE_FORBIDDEN',
      `The organization asks for single sign-on, and our token has none.`,
      {
        status,
        hint: `Authorize the token for the organization’s single sign-on on ${host}.`,
      },
    );
  }
  const lacking = lackingScope(answer);
  if (lacking !== undefined && !/archived|protected|blocked|locked/i.test(messageOf(data))) {
    return new ForgeError('FORGE_FORBIDDEN', `${forge} forbids ${request}: our account lacks ${lacking}.`, {
      status,
      hint: `Give the token or the app ${lacking}.`,
    });
  }
  return new ForgeError('FORGE_FORBIDDEN', `${forge} forbids ${request} (${status})${quoted(data)}.`, {
    status,
    hint: 'Give the account the rights that this needs.',
  });
}

function notFoundHint(answer: BadAnswer): string | undefined {
  const lacking = lackingScope(answer);
  return lacking === undefined
    ? undefined
    : `The token may lack ${lacking}, or the repository is another one.`;
}

/** The rights that the request needs and that we have not, as far as the answer says it. */
function lackingScope({ headers, data }: BadAnswer): string | undefined {
  const permissions = headers['x-accepted-github-permissions'];
  // Either of the alternatives is enough: `issues=write; pull_requests=write`.
  if (permissions)
    return permissions
      .split(';')
      .map((each) => each.trim().replaceAll(',', ' and '))
      .join(' or ');
  const accepted = scopes(headers['x-accepted-oauth-scopes']);
  const granted = scopes(headers['x-oauth-scopes']);
  if (accepted.length > 0 && !accepted.some((each) => granted.includes(each))) {
    return `the scope ${accepted.join(' or ')}`;
  }
  const required = /required=\[([\w:, -]+)\]/.exec(messageOf(data))?.[1];
  return required === undefined ? undefined : `the scope ${required.replaceAll(/,\s*/g, ' or ')}`;
}

function scopes(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
}

/** What the forge itself says of it: a sentence of text from outside, kept short and on one line. */
function quoted(data: unknown): string {
  const said = [messageOf(data), ...detailsOf(data)].filter(Boolean).join('; ');
  const line = said
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .replace(/[.!]+$/, '');
  if (line === '') return '';
  return `: ${line.length > 200 ? `${line.slice(0, 199)}…` : line}`;
}

function messageOf(data: unknown): string {
  const { message } = (typeof data === 'object' && data !== null ? data : {}) as { message?: unknown };
  return typeof message === 'string' ? message : '';
}

function detailsOf(data: unknown): string[] {
  const { errors } = (typeof data === 'object' && data !== null ? data : {}) as { errors?: unknown };
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 3).map((error: unknown) => {
    if (typeof error === 'string') return error;
    const { field, code } = (error ?? {}) as { field?: unknown; code?: unknown };
    return messageOf(error) || [field, code].filter((each) => typeof each === 'string').join(' ');
  });
}
