import { runInNewContext } from 'node:vm';
import type { EncryptionRule } from './metadata.ts';

/** Far more than any rule that people write takes. */
const MATCH_MS = 500;
const MAX_LENGTH = 1000;

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\t\\n\\v\\f\\r ',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Whether the value below these fields has to be encrypted; undefined where only a comment could tell. */
export type MustBeSealed = (fields: readonly string[]) => boolean | undefined;

/** How a file's rule judges its fields; undefined where the rule cannot be understood. */
export function judge(rule: EncryptionRule, fields: Iterable<string>): MustBeSealed | undefined {
  if (rule.by === 'comment') return () => undefined;
  const { text, encrypts } = rule;
  const names = [...new Set(fields)];
  const matching =
    rule.by === 'suffix' ? new Set(names.filter((name) => name.endsWith(text))) : matches(text, names);
  if (matching === undefined) return undefined;
  return (path) => path.some((field) => matching.has(field)) === encrypts;
}

/** The names that a regular expression from the repository matches. It may be hostile, so it gets little time. */
function matches(regex: string, names: readonly string[]): ReadonlySet<string> | undefined {
  const pattern = regex.length > MAX_LENGTH ? undefined : translated(regex);
  if (pattern === undefined) return undefined;
  try {
    const script = 'JSON.stringify(names.filter((name) => new RegExp(source, flags).test(name)))';
    const found: unknown = runInNewContext(script, { names, ...pattern }, { timeout: MATCH_MS });
    return new Set(JSON.parse(String(found)) as string[]);
  } catch {
    return undefined;
  }
}

/** Go's syntax as JavaScript's; undefined for what means something else here. */
function translated(regex: string): { readonly source: string; readonly flags: string } | undefined {
  const [whole, flags = ''] = /^\(\?([ims]+)\)/.exec(regex) ?? [''];
  let known = true;
  const source = regex
    .slice(whole.length)
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\[:(\^?)(\w+):\]/g, (_, negated: string, name: string) => {
      known &&= negated === '' && CLASSES[name] !== undefined;
      return CLASSES[name] ?? '';
    })
    .replaceAll(/\\(.)/gs, (escape, letter: string) => {
      if (letter === 'A') return '^';
      if (letter === 'z') return '$';
      known &&= !/[A-Za-z0-9]/.test(letter) || 'dDwWsSbBntrfv'.includes(letter);
      return escape;
    });
  // Lookaround and back references are not Go's, and flags in the middle are not JavaScript's.
  known &&= !/\(\?(?!:|<[A-Za-z_])/.test(source);
  return known ? { source, flags } : undefined;
}
