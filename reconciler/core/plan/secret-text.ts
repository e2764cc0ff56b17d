import { isMark, leadingMark, type Mark } from './mark.ts';
import {
  AUTH_SCHEME,
  hideAssigned,
  isHarmless,
  isLogin,
  isReference,
  type TextKind,
} from './secret-assignments.ts';
import { hideInLists } from './secret-lists.ts';
import { hideOptions } from './secret-options.ts';
import { hidePhrases } from './secret-phrases.ts';

/** What has to be in a text for anything to be hidden in it, so that most texts are done with at once. */
const HINT =
  /pass|pwd|pw\b|identified|[?&]code=|api\/webhooks|telegram|secret|token|key|cred|auth|bearer|basic|cookie|jwt|psk|otp|docker|kubeconfig|mysql|mariadb|redis|mongo|ldap|sqlcmd|\bbcp\b|login|(?<![\w-])-p|\bsig|@(?:tcp|udp|unix)\(|:\/\/|-u|user|LS0tLS1CRUdJTi|eyJ|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk-|AKIA|ASIA|AIza|hvs\.|npm_/i;

/** `text` with all that looks like a secret replaced by its mark. What is hidden already stays as it is. */
export function hideInText(text: string, mark: Mark, kind: TextKind): string {
  if (!HINT.test(text)) return text;
  let shown = text;
  shown = shown.replace(PRIVATE_KEY, (key) => mark(key));
  shown = shown.replace(ENCODED_KEY, (encoded) => (isEncodedKey(encoded) ? mark(encoded) : encoded));
  shown = hideInUrls(shown, mark);
  shown = shown.replace(KNOWN_FORM, (token) => mark(token));
  shown = shown.replace(BEARER, (_all, scheme: string, token: string) => `${scheme}${mark(token)}`);
  shown = shown.replace(BASIC, (all, scheme: string, token: string) =>
    isLogin(token) ? `${scheme}${mark(token)}` : all,
  );
  shown = shown.replace(
    AUTHORIZATION,
    (all, scheme: string, credentials: string, at: number, whole: string) => {
      const from = at + scheme.length;
      const isDone = leadingMark(whole.slice(from, from + 40)) !== '' || isHarmless(credentials);
      return isDone ? all : `${scheme}${mark(credentials)}`;
    },
  );
  shown = shown.replace(LOGIN_OPTION, (all, option: string, password: string, at: number, whole: string) =>
    (/[ =]["']?\d+:$/.test(option) && /^\d+$/.test(password)) ||
    leadingMark(whole.slice(at + option.length, at + option.length + 40)) !== ''
      ? all
      : `${option}${mark(password)}`,
  );
  return hideAssigned(hideOptions(hidePhrases(hideInLists(shown, mark), mark), mark), mark, kind);
}

const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----|$)/g;

/** The Base64 of `-----BEGIN `. */
const ENCODED_KEY = /LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]{20,}/g;

function isEncodedKey(encoded: string): boolean {
  return Buffer.from(encoded, 'base64').toString('latin1').includes('PRIVATE KEY');
}

/** Tokens that are known by their form. */
const KNOWN_FORM = new RegExp(
  [
    'gh[pousr]_[A-Za-z0-9]{20,255}',
    'github_pat_[A-Za-z0-9_]{20,255}',
    'gl[a-z]{2,5}-[A-Za-z0-9_-]{20,255}',
    'xox[a-z]-[A-Za-z0-9-]{10,255}',
    'sk-[A-Za-z0-9_-]{20,255}',
    'AIza[A-Za-z0-9_-]{30,255}',
    'hvs\\.[A-Za-z0-9_-]{20,255}',
    'npm_[A-Za-z0-9]{30,255}',
    'AGE-SECRET-KEY-1[A-Z0-9]{20,255}',
    'eyJ[A-Za-z0-9_-]{8,8192}\\.[A-Za-z0-9_-]{8,8192}\\.[A-Za-z0-9_-]{0,8192}',
  ]
    .map((form) => `(?<![A-Za-z0-9_-])${form}`)
    .join('|'),
  'g',
);

const BEARER =
  /\b(bearer\s{1,5})((?=[^\s"']{0,400}\d)[A-Za-z0-9._~+/=-]{8,400}|[A-Za-z0-9._~+/=-]{20,400})/gi;
const BASIC = /\b(basic\s{1,5})([A-Za-z0-9+/]{4,2000}={0,2})/gi;

/**
 * `Authorization: Token …`. Some schemes go on with names and values up to the end of the header, which is that of its line at
 * the latest.
 */
const AUTHORIZATION = new RegExp(
  [
    '(\\bauthorization\\\\{0,9}["\'`]?\\s{0,5}[:=]\\s{0,5}\\\\{0,9}["\'`]?',
    `${AUTH_SCHEME}[ \\t]{1,5})(`,
    [
      '\\{\\{[^{}\\n]{0,200}\\}\\}',
      '\\w{1,40}=\\\\{0,9}"[^\\n]{0,4000}',
      '\\w{1,40}=[^\\s"\'`,]{1,400},[^\\n]{1,4000}',
      '[^\\s"\'`<>]{1,4000}',
    ].join('|'),
    ')',
  ].join(''),
  'gi',
);

/** `curl -u USER:PASSWORD`. */
const LOGIN_OPTION = /((?<![\w-])(?:-u|--user|--proxy-user)[ =]["']?[^\s:"']{1,100}:)([^\s"']{1,400})/g;

/** Characters that end an address wherever it is quoted. */
const URL_END = /[\s"'`<>\\]/;
const LONGEST_SCHEME = 20;

/** `scheme://user:password@host` without the password, and an address of the web without a lone user, which is a token. */
function hideInUrls(text: string, mark: Mark): string {
  let shown = '';
  let done = 0;
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    const scheme = /[A-Za-z][A-Za-z0-9+.-]*$/.exec(text.slice(Math.max(done, at - LONGEST_SCHEME), at))?.[0];
    if (scheme === undefined) continue;
    const start = at + 3;
    const span = loginIn(scheme, text, start);
    if (span === undefined) continue;
    shown += text.slice(done, span.start) + mark(text.slice(span.start, span.end));
    done = span.end;
  }
  return shown + text.slice(done);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Longer addresses are looked at no further. */
const LONGEST_URL = 4096;

function loginIn(scheme: string, text: string, start: number): Span | undefined {
  const rest = text.slice(start, start + LONGEST_URL);
  const ends = rest.search(URL_END);
  const address = ends === -1 ? rest : rest.slice(0, ends);
  const slash = address.search(/[/?#]/);
  const authority = slash === -1 ? address : address.slice(0, slash);
  const colon = authority.indexOf(':');
  const hasPassword = colon !== -1 && !/^\d*$/.test(authority.slice(colon + 1));
  const isWeb = /^(?:https?|wss?)$/i.test(scheme);
  // A password may hold what an address should not: then its host comes after the last `@`, wherever that is.
  const host = hasPassword || !isWeb ? address.lastIndexOf('@') : authority.lastIndexOf('@');
  if (host === -1) return undefined;
  const login = address.slice(0, host);
  const split = login.indexOf(':');
  const secret = login.slice(split + 1);
  if (secret === '' || isMark(secret) || isReference(secret) || (split === -1 && !isWeb)) return undefined;
  return { start: start + split + 1, end: start + host };
}
