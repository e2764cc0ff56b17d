import { isRecord } from '../kube/json.ts';
import { type FieldPath, lastField } from './field-path.ts';
import { isMark, type Mark } from './mark.ts';
import { isHarmless } from './secret-assignments.ts';
import { isSecretName } from './secret-names.ts';
import { hideInText } from './secret-text.ts';

/**
 * `value`, which stands at `path` of an object, without what looks like a secret: by the name that it goes by (a field, an entry of
 * a map, a variable, a flag before it), or by its own form. What is a reference to a secret stays.
 */
export function hideSecrets(value: unknown, path: FieldPath, mark: Mark): unknown {
  return hidden(value, nameOf(path), mark);
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

/** `value` goes by `name`, as far as it has one. */
function hidden(value: unknown, name: string, mark: Mark): unknown {
  if (typeof value === 'string') {
    if (isMark(value)) return value;
    return isSecretName(name) && !isHarmless(value) ? mark(value) : hideInText(value, mark, 'content');
  }
  if (typeof value === 'number') return isSecretName(name) ? mark(String(value)) : value;
  if (Array.isArray(value)) return hiddenList(value, name, mark);
  if (!isRecord(value)) return value;
  const { name: called } = value;
  return Object.fromEntries(
    Object.entries(value).map(([field, member]) => {
      const by = field === 'value' && typeof called === 'string' ? called : field;
      return [field, hidden(member, by, mark)];
    }),
  );
}

/** The arguments of a program may have a flag, and after it what it stands for. */
function hiddenList(list: readonly unknown[], name: string, mark: Mark): readonly unknown[] {
  return list.map((item, index) => {
    const before: unknown = list[index - 1];
    const flag = typeof before === 'string' && /^--?[A-Za-z][\w.-]*$/.test(before) ? before : undefined;
    if (flag === undefined || typeof item !== 'string') return hidden(item, name, mark);
    if (/^(?:-u|--user|--proxy-user)$/.test(flag)) return hiddenLogin(item, mark);
    const isValue = isSecretName(flag) && !item.startsWith('-');
    return hidden(item, isValue ? flag : name, mark);
  });
}

/** `USER:PASSWORD`. */
function hiddenLogin(item: string, mark: Mark): unknown {
  const colon = item.indexOf(':');
  const password = item.slice(colon + 1);
  if (colon === -1 || password === '' || /^\d+$/.test(password) || isMark(password)) return item;
  return item.slice(0, colon + 1) + mark(password);
}

/** The name by which the value at `path` goes: that of its field, or of the variable or header whose `value` it is. */
function nameOf(path: FieldPath): string {
  const field = lastField(path);
  const parent = path.at(-2);
  if (field === 'value' && parent !== undefined && 'keys' in parent) {
    const { name } = parent.keys;
    if (typeof name === 'string') return name;
  }
  return field;
}
