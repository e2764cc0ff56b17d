import fc from 'fast-check';

/** Words that readers of YAML have disagreed about, and marks in places where they mean something else. */
// prettier-ignore
export const WORDS = [
  'yes', 'on', 'y', 'N', 'Off', 'TRUE', 'tRUE', '0777', '0o777', '0O7', '089', '00', '0x1F', '0X1f', '-0x1', '0b11', '1e3',
  '1E+3', '1e', '1e400', '1_000', '_1', '1_0.5', '.5', '5.', '.8_7', '+1', '-0', '-0.0', '1.', '9007199254740993',
  '9223372036854775808', '18446744073709551616', '.inf', '-.INF', '.nan', 'NaN', '~', 'null', 'Null', 'nULL', '2001-01-01',
  '2001-12-14t21:59:43.10-05:00', '12:30', '190:20:30', '1.2.3', '1,000', '=', '<<', '.', '..', '-', '?', ':', '::a', 'a:b',
  '!', '!!str 1', '!!int "1"', '!!binary aGk=', '!<tag:yaml.org,2002:str> 1', '!own x', '&x', '&é x', '*x', '*é', '@a', '`',
  '%x', '|', '>', '#', '# c', ',', 'a,b', 'a b', 'a#b', 'a #c', 'a: b', 'a:', '- a', '[]', '{}', '[a]', '[a', '{a: 1}', '}',
  ']', '"', '"q"', "'q'", "'it''s'", '"\\n\\t\\x41\\u00e9\\U0001F600"', '"\\/"', '"\\q"', '"\\0"', '"\\ud83d\\ude00"',
  '"a\n  b"', '"a\\\n b"', '"a\tb"', 'a\tb', '\t', '\\', 'é', '😀', '\u0085', '\u2028', '\ufeff', '\u00a0', '---', '...', 'x\r',
];

type Part = (indent: string) => string;

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[-+.0-9_eExXob:a-fyn~]{1,6}$/) },
);
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', '<<', '"q"', 'k 1') },
  { weight: 1, arbitrary: word },
);

const block: fc.Arbitrary<Part> = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2', '|1-', ' >2', '| # c', '|-\t'),
    fc.array(fc.constantFrom('x', '  y', '', '\tz', '# no', '---', 'a: b', ' ', 'é😀', '...'), {
      maxLength: 4,
    }),
  )
  .map(([head, lines]) => (indent) => {
    return ` ${head}\n${lines.map((line) => (line === '' ? '' : `${indent}  ${line}`)).join('\n')}`;
  });

const flowWord = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'a',
      '1',
      'yes',
      '"x"',
      "'y'",
      'null',
      '0o7',
      'a b',
      ':a',
      'a:',
      '!',
      '*a',
      '&a x',
      '',
      '?',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('-', 'a:b', '"a":b', '"a":1', '? a : b', '#', 'é', 'http://a/?b=c'),
  },
  { weight: 1, arbitrary: word },
);
const flow = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    flowWord,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(flowWord, fc.constantFrom(': ', ':', ' : ', ' '), tie('value')), { maxLength: 3 })
      .map((items) => `{${items.map((item) => item.join('')).join(', ')}}`),
  ),
})).value;

/** A value with what may stand before and behind it. */
function dressed(value: fc.Arbitrary<Part>): fc.Arbitrary<Part> {
  const before = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(' &a', ' &b', ' !!map', ' !!str', ' !x', ' &a !!str', ' *a', ' *b'),
    },
  );
  const after = fc.constantFrom('', '', '', ' # c', '\t# c', ' ', '#c');
  return fc.tuple(before, value, after).map(([first, part, last]) => (indent) => {
    const text = part(indent);
    return first + text + (text.includes('\n') ? '' : last);
  });
}

const value = fc.letrec<{ value: Part }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    dressed(word.map((text) => () => ` ${text}`)),
    dressed(block),
    dressed(flow.map((text) => () => ` ${text}`)),
    dressed(
      fc
        .array(fc.tuple(key, fc.constantFrom(':', ':', ':', ' :', ''), tie('value')), {
          minLength: 1,
          maxLength: 4,
        })
        .map((items) => (indent) => {
          const lines = items.map(([name, colon, part]) => `${indent}${name}${colon}${part(`${indent}  `)}`);
          return `\n${lines.join('\n')}`;
        }),
    ),
    dressed(
      fc.array(tie('value'), { minLength: 1, maxLength: 3 }).map((items) => (indent) => {
        return `\n${items.map((part) => `${indent}-${part(`${indent}  `)}`).join('\n')}`;
      }),
    ),
    dressed(fc.constant(() => '')),
  ),
})).value;

// prettier-ignore
const SEPARATORS = [
  '---', '--- # c', '---  ', '---\t', '---#c', '...', '--- |', '---a', '%YAML 1.2\n---', '%YAML 1.1\n---', '%TAG ! x\n---',
  '%x', '--- a', '--- {a: 1}', '--- !!map', '--- &a', '...\n---',
];

/** Texts that are YAML for the most part, with what people and programs write by mistake. */
export const yamlTexts: fc.Arbitrary<string> = fc
  .tuple(
    value,
    fc.array(fc.tuple(fc.constantFrom(...SEPARATORS), value), { maxLength: 2 }),
    fc.constantFrom('\n', '\n', '\n', '\r\n', '\r'),
    fc.constantFrom('', '', '', '\ufeff', '\n\n', '# c\n', '---\n', ' ', '\t'),
  )
  .map(([first, others, newline, head]) => {
    const rest = others.map(([separator, part]) => `\n${separator}${part('')}`).join('');
    return `${head}${first('').replace(/^ |^\n/, '')}${rest}\n`.replaceAll('\n', newline);
  });
