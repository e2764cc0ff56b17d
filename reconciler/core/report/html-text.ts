import { printable } from './plain.ts';

/** HTML that may be shown as it is. Only `markup` makes it, so nothing unescaped becomes part of a page. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Html | string | number | readonly Html[];

/**
 * A piece of a page. Texts are made printable and escaped, pieces stay as they are. It is not called `html`, since formatters
 * would break the lines of such templates, and white space is part of a page.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) {
    text += shown(value);
    text += strings[index + 1] ?? '';
  }
  return new Html(text);
}

/** Nothing to show. */
export const NOTHING = new Html('');

function shown(value: Value): string {
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'string') return escaped(value);
  return value instanceof Html ? value.toString() : value.join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
