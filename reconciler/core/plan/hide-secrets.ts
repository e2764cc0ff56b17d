import { isRecord } from '../kube/json.ts';
import { argumentsBefore, textsOf } from './arguments-before.ts';
import { type FieldPath, lastField } from './field-path.ts';
import { isMark, leadingMark, type Mark } from './mark.ts';
import { secretStart } from './secret-arguments.ts';
import { isHarmless } from './secret-assignments.ts';
import { documentsIn } from './secret-documents.ts';
import { isAboutSecret, isSecretName } from './secret-names.ts';
import { hideInText } from './secret-text.ts';

/**
 * `value`, which stands at `path` of an object, without what looks like a secret: by the name that it goes by (a field, an entry of
 * a map, a variable, a flag before it), or by its own form. What is a reference to a secret stays. `wholes` are the
 * objects that it may come from: what stands beside it there may make it a secret.
 */
export function hideSecrets(
  value: unknown,
  path: FieldPath,
  mark: Mark,
  wholes: readonly unknown[] = [],
): unknown {
  const name = isBelowSecret(path) ? BELOW : nameOf(path);
  const ways = wholes.map((whole) => argumentsBefore(whole, path)).filter(({ length }) => length > 0);
  return ways.reduce((shown, before) => hiddenAfter(before, shown, name, mark), hidden(value, name, mark));
}

/** The texts in an object, or a manifest, that look like secrets: those of whole values, and those within longer ones. */
export function secretTexts(object: unknown): readonly string[] {
  const found = new Set<string>();
  hideSecrets(object, [], (secret) => {
    if (typeof secret === 'string') found.add(secret);
    return '';
  });
  return [...found];
}

/** The name of what stands below a secret's, where its own does not count. */
const BELOW = 'secret';

/** `value` goes by `name`, as far as it has one. */
function hidden(value: unknown, name: string, mark: Mark): unknown {
  if (typeof value === 'string') {
    if (isMark(value)) return value;
    if (isSecretName(name) && !isHarmless(value)) return mark(value);
    const encoded = textIn(value);
    const holdsSecret = encoded !== undefined && hideInText(encoded, mark, 'content') !== encoded;
    return holdsSecret ? mark(value) : hiddenBelow(value, hideInText(value, mark, 'content'), mark);
  }
  if (typeof value === 'number') return isSecretName(name) ? mark(String(value)) : value;
  if (Array.isArray(value)) return hiddenList(value, name, mark);
  if (!isRecord(value)) return value;
  const { command } = value;
  const called = value['name'] ?? value['key'];
  const isBelow = isSecretName(name);
  return Object.fromEntries(
    Object.entries(value).map(([field, member]) => {
      if (isBelow && !isAboutSecret(field)) return [field, hidden(member, BELOW, mark)];
      if (field === 'args') return [field, hiddenAfter(textsOf(command), member, field, mark)];
      const by = VALUES.has(field) && typeof called === 'string' ? called : field;
      return [field, hidden(member, by, mark)];
    }),
  );
}

/** Fields that hold what their neighbour `name` or `key` names. */
const VALUES: ReadonlySet<string> = new Set(['value', 'default']);

/** What `value` is the Base64 of, where that is a text: scripts come to programs like that. */
function textIn(value: string): string | undefined {
  if (value.length < 16 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return /(?![\t\n\r])\p{Cc}|\uFFFD/u.test(text) ? undefined : text;
}

/** Whether a field on the way to `path` has a secret's name, and none after it says something about one. */
function isBelowSecret(path: FieldPath): boolean {
  const fields = path.flatMap((step) => ('field' in step ? [step.field] : []));
  const above = fields.slice(0, -1).findLastIndex((field) => isSecretName(field) || isAboutSecret(field));
  const [found, last] = [fields[above], fields.at(-1)];
  return found !== undefined && isSecretName(found) && last !== undefined && !isAboutSecret(last);
}

/** Shorter texts are found all over others. */
const SHORTEST = 4;
/** A text with more secrets than that is hidden as a whole. */
const MOST = 200;

/** `shown`, which is `text` without other secrets, without those that stand below a secret's name in it. */
function hiddenBelow(text: string, shown: string, mark: Mark): string {
  const documents = documentsIn(text);
  if (documents === undefined) return shown;
  const lines = secretTexts(documents).flatMap((secret) => secret.split(/\r?\n/).map((line) => line.trim()));
  const secrets = lines.filter(({ length }) => length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  if (secrets.length > MOST) return mark(text);
  return secrets.reduce((said, secret) => {
    const forms = [secret, JSON.stringify(secret).slice(1, -1)].map((form) =>
      form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    );
    const found = new RegExp(`\\(hidden(?: #[0-9a-f]{8})?\\)|${forms.join('|')}`, 'g');
    return said.replace(found, (all) => (isMark(all) ? all : mark(secret)));
  }, shown);
}

/** An argument of a program, or all of them, as those `before` make them secrets. */
function hiddenAfter(before: readonly string[], value: unknown, name: string, mark: Mark): unknown {
  if (typeof value === 'string') return hiddenArgument(value, before, name, mark);
  return Array.isArray(value) ? hiddenList(value, name, mark, before) : hidden(value, name, mark);
}

function hiddenList(
  list: readonly unknown[],
  name: string,
  mark: Mark,
  program: readonly string[] = [],
): readonly unknown[] {
  const before = [...program];
  return list.map((item) => {
    const shown =
      typeof item === 'string' ? hiddenArgument(item, before, name, mark) : hidden(item, name, mark);
    before.push(typeof item === 'string' ? item : '');
    return shown;
  });
}

function hiddenArgument(item: string, before: readonly string[], name: string, mark: Mark): unknown {
  const start = secretStart(item, before);
  if (start === undefined || leadingMark(item.slice(start)) !== '') return hidden(item, name, mark);
  return item.slice(0, start) + mark(item.slice(start));
}

/** The name by which the value at `path` goes: that of its field, or of the variable or header whose `value` it is. */
function nameOf(path: FieldPath): string {
  const last = path.at(-1);
  // An element goes by the name of its list.
  if (last !== undefined && 'index' in last) return nameOf(path.slice(0, -1));
  const field = lastField(path);
  const parent = path.at(-2);
  if (VALUES.has(field) && parent !== undefined && 'keys' in parent) {
    const name = parent.keys['name'] ?? parent.keys['key'];
    if (typeof name === 'string') return name;
  }
  return field;
}
