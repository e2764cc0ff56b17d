import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMap, readFiles } from './read.ts';

/** Finds the one fault of a text whose place is marked by `‸`, and gives what was said and where the caret stands. */
function atMark(marked: string, file = 'a.yaml') {
  const at = marked.indexOf('‸');
  const before = marked.slice(0, at);
  const text = before + marked.slice(at + 1);
  const line = before.split('\n').length;
  const own = Array.from(before.slice(before.lastIndexOf('\n') + 1));
  const { findings } = readFiles({ [file]: text });
  const [finding, ...others] = findings;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ file, line, column: own.length + 1 });
  const [shown = '', caret = ''] = finding?.excerpt?.split('\n') ?? [];
  // Columns of the excerpt are characters, so the caret stands below the one that is meant.
  expect([...shown][caret.length - 1] ?? '').toBe(Array.from(marked.slice(at + 1))[0]?.trim() ?? '');
  return finding?.message;
}

const deployment = (spec: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, namespace: weka }\nspec:\n  selector: { matchLabels: { app: a } }\n${spec}`;

describe('the place of a fault', () => {
  it.each([
    [
      'within a flow map',
      configMap('data: { a: "1", b: ‸5, c: "2" }'),
      'data.b must be text, not the number 5.',
    ],
    [
      'within a flow map over several lines',
      configMap('data: {\n  a: "1",\n  b: ‸5\n}'),
      'data.b must be text, not the number 5.',
    ],
    ['at the name of a field', configMap('data: {}\n‸dtaa: {}'), '"dtaa" is no field of a ConfigMap.'],
    ['at a quoted name', configMap('data: {}\n‸"dt aa": {}'), '"dt aa" is no field of a ConfigMap.'],
    [
      'in a list within a flow list',
      deployment(
        '  template: { metadata: { labels: { app: a } }, spec: { containers: [{ name: a, image: a, args: [x, ‸7] }] } }\n',
      ),
      'spec.template.spec.containers[0].args[1] must be text, not the number 7.',
    ],
    ['behind an anchor', configMap('data:\n  a: &x ‸5'), 'data.a must be text, not the number 5.'],
    [
      'behind a tag',
      configMap('data:\n  a: !!str x\n  b: !!binary ‸eA=='),
      'Tags, which begin with an exclamation mark, are not read.',
    ],
    [
      'in a map that others merge',
      configMap('data:\n  a: "1"\nbinaryData:\n  <<: { z: eA== }\n  b: ‸5'),
      'binaryData.b must be text, not the number 5.',
    ],
    [
      'in a merged map',
      configMap('binaryData:\n  <<: [{ z: eA== }, { b: ‸5 }]\n  a: eA=='),
      'binaryData.b must be text, not the number 5.',
    ],
    [
      'in a later document',
      `${configMap('', 'a')}\n---\n${configMap('data: { a: ‸5 }', 'b')}`,
      'data.a must be text, not the number 5.',
    ],
    [
      'in an item of a List',
      `apiVersion: v1\nkind: List\nitems:\n- ${configMap('', 'a').replaceAll('\n', '\n  ')}\n- ${configMap('data: { a: ‸5 }', 'b').replaceAll('\n', '\n  ')}`,
      'data.a must be text, not the number 5.',
    ],
    [
      'in a file with the line ends of Windows',
      configMap('data:\n  a: "1"\n  b: ‸5\n').replaceAll('\n', '\r\n'),
      'data.b must be text, not the number 5.',
    ],
    [
      'behind characters beyond the BMP',
      configMap('data: { "😀": "𝄞é", b: ‸5 }'),
      'data.b must be text, not the number 5.',
    ],
  ])('is told %s', (_where, marked, message) => {
    expect(atMark(marked)).toBe(message);
  });

  it.each(['  ', '\t'])('is told in JSON that is indented by %j', (indent) => {
    const data = { a: '😀', b: 5 };
    const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'weka' }, data };
    const marked = JSON.stringify(value, undefined, indent).replace('5', '‸5');
    expect(atMark(marked, 'a.json')).toBe('data.b must be text, not the number 5.');
    expect(atMark(JSON.stringify(value).replace('5', '‸5'), 'a.json')).toBe(
      'data.b must be text, not the number 5.',
    );
  });

  it('is that of the value, whatever stands around it', () => {
    const filler = fc.constantFrom(
      'a: "1"',
      'é: "😀𝄞"',
      '"k 1": x',
      "'𝄞': 'it''s'",
      'x.y: 2z',
      '"\\u00e8": "\\n"',
      'q: ""',
    );
    const entries = fc.uniqueArray(filler, { maxLength: 6 });
    const style = fc.record({
      flow: fc.boolean(),
      newline: fc.constantFrom('\n', '\r\n'),
      bom: fc.boolean(),
      documents: fc.nat(2),
      gap: fc.constantFrom('', ' ', '   '),
    });
    fc.assert(
      fc.property(entries, entries, style, (before, after, { flow, newline, bom, documents, gap }) => {
        const taken = new Set(before);
        const members = [...before, `bad: ${gap}‸5`, ...after.filter((each) => !taken.has(each))];
        const data = flow
          ? `data: { ${members.join(', ')} }`
          : `data:\n${members.map((each) => `  ${each}`).join('\n')}`;
        const others = Array.from({ length: documents }, (_, index) => `${configMap('', `d${index}`)}---\n`);
        const marked = (others.join('') + configMap(data)).replaceAll('\n', newline);
        const lines = marked.split('\n');
        const line = lines.findIndex((each) => each.includes('‸'));
        const text = marked.replace('‸', '');
        const { findings } = readFiles({ 'a.yaml': (bom ? '\uFEFF' : '') + text });
        expect(findings).toMatchObject([
          { line: line + 1, column: Array.from(lines[line]!.slice(0, lines[line]!.indexOf('‸'))).length + 1 },
        ]);
      }),
      { numRuns: 400 },
    );
  });
});
