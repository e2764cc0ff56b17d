import { unusableKeys } from './errors.ts';
import { isInPatternList } from './pattern-list.ts';
import { KEY_TYPES, parseSshPublicKey, type SshPublicKey } from './ssh-public-key.ts';
import { parseSshTime } from './ssh-time.ts';
import { SshFormatError } from './ssh-wire.ts';

/** A line of a file of allowed signers: who signs with which key, when and what. */
export interface AllowedSigner {
  readonly principals: string;
  readonly key: SshPublicKey;
  /** What the key may sign, as a list of patterns; anything where unset. */
  readonly namespaces?: string;
  /** Seconds since 1970. */
  readonly validAfter?: number;
  readonly validBefore?: number;
}

type Options = Omit<AllowedSigner, 'principals' | 'key'>;

const BLANKS = /^[ \t]+/;
const WORD = /^[^ \t]+/;
/** Up to the first blank outside of quotes. */
const OPTIONS = /^(?:"(?:\\"|\\(?!")|[^"\\])*"|[^" \t])+(?=[ \t]|$)/;
const OPTION = /^([A-Za-z-]+)(?:="((?:\\"|\\(?!")|[^"\\])*)")?(?:,|$)/;

/** Reads a file of allowed signers (ssh-keygen(1)). A line that cannot be used throws, and says which one it is. */
export function parseAllowedSigners(text: string, path: string): readonly AllowedSigner[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const rest = line.replace(BLANKS, '');
    if (rest === '' || rest.startsWith('#')) return [];
    try {
      return [parseLine(rest)];
    } catch (error) {
      if (!(error instanceof SshFormatError)) throw error;
      throw unusableKeys(`${path}:${index + 1}: ${error.message}.`, {
        hint: 'No commit is accepted until the line is mended or removed: PRINCIPALS [OPTIONS] TYPE KEY.',
        cause: error,
      });
    }
  });
}

/**
 * Whether anybody is a signer by this line, as git finds out: it takes each of the line's own principals for who signed,
 * so that a line of nothing but exceptions allows nobody.
 */
export function hasPrincipal({ principals }: AllowedSigner): boolean {
  return principals.split(',').some((principal) => isInPatternList(principal, principals));
}

function parseLine(line: string): AllowedSigner {
  const [principals, afterPrincipals] = principalsOf(line);
  const options = isKeyType(WORD.exec(afterPrincipals)?.[0])
    ? ''
    : (OPTIONS.exec(afterPrincipals)?.[0] ?? '');
  const key = afterPrincipals.slice(options.length).replace(BLANKS, '');
  // The options first: that a line is for certificates tells more than that its key is of another type.
  const parsed = parseOptions(options);
  mustHavePatterns('principals', principals);
  return { principals, ...parsed, key: parseKey(key) };
}

function principalsOf(line: string): readonly [string, string] {
  const quoted = /^"([^"]*)"/.exec(line);
  const principals = quoted?.[1] ?? WORD.exec(line)?.[0] ?? '';
  const rest = line.slice((quoted?.[0] ?? principals).length);
  if (principals === '' || (quoted === null && principals.includes('"'))) {
    throw new SshFormatError('the principals at its beginning cannot be read');
  }
  if (quoted === null && isKeyType(principals)) {
    throw new SshFormatError('it names no principals before its key');
  }
  return [principals, rest.replace(BLANKS, '')];
}

function isKeyType(word: string | undefined): boolean {
  return word !== undefined && (KEY_TYPES.includes(word) || /^(?:ssh|ecdsa|sk)-/.test(word));
}

function parseOptions(text: string): Options {
  if (text.endsWith(',')) throw new SshFormatError('its options end with a comma');
  const found: { namespaces?: string; validAfter?: number; validBefore?: number } = {};
  for (let rest = text; rest !== '';) {
    const [all, name = '', quoted] = OPTION.exec(rest) ?? [];
    if (all === undefined) throw new SshFormatError(`the options ${text} cannot be read`);
    rest = rest.slice(all.length);
    const field = fieldOf(name.toLowerCase(), quoted !== undefined);
    if (found[field] !== undefined) throw new SshFormatError(`it has the option ${name} twice`);
    const value = (quoted ?? '').replaceAll('\\"', '"');
    if (field === 'namespaces') {
      mustHavePatterns('namespaces', value);
      found.namespaces = value;
    } else found[field] = parseSshTime(value);
  }
  const { validAfter, validBefore } = found;
  if (validAfter !== undefined && validBefore !== undefined && validBefore <= validAfter) {
    throw new SshFormatError('valid-before is not after valid-after');
  }
  return found;
}

/** What a pattern of nothing would match is not what anybody means. */
function mustHavePatterns(what: string, list: string): void {
  if (list.split(',').some((pattern) => pattern === '' || pattern === '!')) {
    throw new SshFormatError(`its ${what} have an empty pattern`);
  }
}

function fieldOf(name: string, hasValue: boolean): keyof Options {
  switch (name) {
    case 'namespaces':
    case 'valid-after':
    case 'valid-before':
      if (!hasValue) throw new SshFormatError(`the option ${name} needs a value in quotes`);
      return name === 'namespaces' ? name : name === 'valid-after' ? 'validAfter' : 'validBefore';
    case 'cert-authority':
      throw new SshFormatError('cert-authority: certificates are not supported; name the keys themselves');
    default:
      throw new SshFormatError(`there is no option ${name}`);
  }
}

function parseKey(text: string): SshPublicKey {
  const [type = '', base64 = ''] = text.split(/[ \t]+/, 2);
  if (base64 === '') throw new SshFormatError('it has no key');
  if (type.includes('-cert-')) {
    throw new SshFormatError('certificates are not supported; name the key itself');
  }
  const blob = Buffer.from(base64, 'base64');
  if (blob.toString('base64') !== base64) throw new SshFormatError('its key is damaged');
  const key = parseSshPublicKey(blob);
  if (key.type !== type) throw new SshFormatError(`it says ${type}, but its key is of type ${key.type}`);
  return key;
}
