import type { YAMLParseError } from 'yaml';

type Code = YAMLParseError['code'];

/** What the parser's error codes mean to an author. */
const SYNTAX: Readonly<Partial<Record<Code, readonly [message: string, hint?: string]>>> = {
  ALIAS_PROPS: ['An alias cannot have an anchor or a tag of its own.'],
  BAD_ALIAS: ['An anchor or alias has no valid name here.', 'Put text that begins with * or & in quotes.'],
  BAD_COLLECTION_TYPE: ['The tag does not fit what follows it.', 'Leave the tag out.'],
  BAD_DIRECTIVE: ['This line is no valid YAML directive.', 'Put text that begins with % in quotes.'],
  BAD_DQ_ESCAPE: [
    'This escape does not exist in double quotes.',
    'Use single quotes, or write \\\\ for a backslash.',
  ],
  BAD_INDENT: ['The indentation does not fit the lines before it.', 'Line it up with its neighbours.'],
  BAD_PROP_ORDER: ['An anchor or a tag stands in the wrong place.'],
  BAD_SCALAR_START: ['No plain text can begin with this character.', 'Put the text in quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A map begins within a value that has begun already.',
    'Put a text that holds ": " in quotes, or look at the indentation of the lines below.',
  ],
  BLOCK_IN_FLOW: ['A block cannot stand within [ ] or { }.'],
  KEY_OVER_1024_CHARS: ['A key is longer than 1024 characters.'],
  MISSING_CHAR: [
    'Something that ends a value is missing here.',
    'Look for a missing quote, bracket, comma or space.',
  ],
  MULTILINE_IMPLICIT_KEY: ['A key goes over more than one line.', 'Look for a missing colon or quote above.'],
  MULTIPLE_ANCHORS: ['A value has two anchors.'],
  MULTIPLE_DOCS: ['A document begins where none can.', 'Separate documents by a line of three dashes.'],
  MULTIPLE_TAGS: ['A value has two tags.'],
  RESOURCE_EXHAUSTION: ['The document is too deeply nested to be read.'],
  UNEXPECTED_TOKEN: ['This does not belong here.', 'Look at the indentation and the quotes just before it.'],
};

const GENERAL = [
  'The YAML cannot be read here.',
  'Look at the indentation and the quotes just before it.',
] as const;

/** A syntax error in words. `text` is the file that has it. */
export function describeSyntaxError(
  { code, message, pos: [offset] }: YAMLParseError,
  text: string,
): {
  readonly rule: 'yaml-syntax' | 'yaml-tag';
  readonly message: string;
  readonly hint?: string | undefined;
} {
  if (code === 'TAG_RESOLVE_FAILED') {
    return {
      rule: 'yaml-tag',
      message: 'Tags such as !!binary or !own are not read.',
      hint: 'Leave the tag out.',
    };
  }
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1);
  if (code === 'TAB_AS_INDENT' || /\btabs?\b/i.test(message) || /^ *\t/.test(line)) {
    return {
      rule: 'yaml-syntax',
      message: 'A tab stands in the indentation, where YAML takes only spaces.',
      hint: 'Replace the tab by spaces.',
    };
  }
  const missing = /(?:closing |end with an? )(["'\]}])/.exec(message)?.[1];
  const [words, hint] =
    missing === undefined
      ? (SYNTAX[code] ?? GENERAL)
      : [`The closing ${missing} is missing.`, `Add ${missing} where the value ends.`];
  return { rule: 'yaml-syntax', message: words, hint: templateHint(upToLineEnd(text, offset)) ?? hint };
}

function upToLineEnd(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text : text.slice(0, end);
}

export const TEMPLATE =
  'It looks like a template, and templates are not rendered: commit what they render to.';

/** A hint where text has the marks of a template that nobody rendered. */
export function templateHint(text: string): string | undefined {
  if (!text.includes('{{') && !/^\s*\{%/m.test(text)) return undefined;
  return TEMPLATE;
}
