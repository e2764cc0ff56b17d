import { parseAllDocuments } from 'yaml';
import { isSecretName } from './secret-names.ts';

/** Longer texts are not read as what they may be. */
const LONGEST = 262_144;

/** A name before a map or a list: `"credentials": {`, and `credentials:` with what is its below it. */
const OPENS_JSON = /"([\w./-]{1,200})"\s*:\s*[{[]/g;
const OPENS_YAML = /^[ \t-]*["']?([\w./-]{1,200})["']?[ \t]*:[ \t]*(?:#.*|[{[].*)?\r?$/gm;

/**
 * What a text holds as JSON or YAML, where something stands below a secret's name in it; undefined where that is not so, since
 * all else is found in the text itself.
 */
export function documentsIn(text: string): readonly unknown[] | undefined {
  if (text.length > LONGEST) return undefined;
  const isJson = /^\s*[{[]/.test(text);
  const opens = [...text.matchAll(isJson ? OPENS_JSON : OPENS_YAML)];
  if (!opens.some(([, name = '']) => isSecretName(name))) return undefined;
  try {
    if (isJson) return [JSON.parse(text) as unknown];
    return parseAllDocuments(text, { logLevel: 'silent' }).map((each): unknown => each.toJS() as unknown);
  } catch {
    return undefined;
  }
}
