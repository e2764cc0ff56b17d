import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FactsError } from '../../../../reconciler/core/facts/facts-error.ts';
import { parseFacts } from '../../../../reconciler/core/facts/parse-facts.ts';
import { aConfigMap, aNode, aPod, aSecret } from '../lint/facts/build-facts.ts';

const OBJECTS = [
  aNode('node-a', { annotations: { 'weka.io/weka-drives': '["S1"]' } }),
  aPod('drive-0', { cores: 2, requests: { cpu: '3' } }),
  aConfigMap('weka', 'note', { data: { text: 'first\n- second\nitems:\n- third\n--- four\n' } }),
  aSecret('weka', 'pull'),
];
const list = { apiVersion: 'v1', items: OBJECTS, kind: 'List', metadata: { resourceVersion: '' } };
const json = JSON.stringify(list, undefined, 4);
const yaml = stringify(list, { indentSeq: false });
const parse = (text: string, file = 'facts.json') => parseFacts(new TextEncoder().encode(text), file);

function listOf(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** What a person is told of a file with this content. */
function complaint(text: string, file?: string): string {
  try {
    parse(text, file);
  } catch (error) {
    if (error instanceof FactsError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('facts', () => {
  it('are what kubectl prints as JSON', () => {
    const facts = parse(json);
    expect(facts.nodes.map(({ name, annotations }) => [name, annotations.drives])).toEqual([
      ['node-a', ['S1']],
    ]);
    expect(facts.pods.map(({ name, node, cores }) => [name, node, cores])).toEqual([
      ['drive-0', 'node-a', 2],
    ]);
    expect(facts.configMaps.map(({ name }) => name)).toEqual(['note']);
    expect(facts.secrets).toEqual(new Set(['weka/pull']));
  });

  it.each([
    ['as YAML', yaml],
    [
      'as YAML with another order of keys',
      stringify({ kind: 'List', apiVersion: 'v1', items: OBJECTS }, { indentSeq: false }),
    ],
    ['as YAML whose items are indented', stringify(list)],
    ['as YAML with line ends of Windows', yaml.replaceAll('\n', '\r\n')],
    ['as YAML documents', OBJECTS.map((each) => stringify(each)).join('---\n')],
    ['as JSON on one line', JSON.stringify(list)],
    ['as JSON documents', OBJECTS.map((each) => JSON.stringify(each, undefined, 4)).join('\n')],
    [
      'as lists of each kind',
      OBJECTS.map((each) => JSON.stringify({ kind: 'List', items: [each] })).join('\n\n'),
    ],
    ['after a byte order mark', `\uFEFF${json}`],
  ])('are the same %s', (_, text) => {
    expect(parse(text)).toEqual(parse(json));
  });

  it('are the same in UTF-16, as a shell of Windows redirects them', () => {
    expect(parseFacts(Buffer.from(`\uFEFF${json}`, 'utf16le'), 'facts.json')).toEqual(parse(json));
  });

  it('take the kind of items from the list where they do not say it', () => {
    const text = JSON.stringify({ kind: 'NodeList', items: [{ metadata: { name: 'node-b' } }] });
    expect(parse(text).nodes.map(({ name }) => name)).toEqual(['node-b']);
  });

  it('hold nothing of what a Secret or a ConfigMap holds', () => {
    const told = JSON.stringify(parse(json), (_, value: unknown) =>
      value instanceof Set ? [...value] : value,
    );
    expect(told).toContain('weka/pull');
    expect(told).not.toContain('aHVudGVyMg');
    expect(told).not.toContain('second');
  });

  it('do not know Secrets that were not asked for', () => {
    expect(parse(JSON.stringify(aNode('node-a'))).secrets).toBeUndefined();
  });

  it('may hold the same object twice', () => {
    expect(parse(`${json}\n${json}`)).toEqual(parse(json));
  });

  it('may have other kinds among them, and name a kind of another group no node', () => {
    const other = { apiVersion: 'metrics.k8s.io/v1', kind: 'Node', metadata: { name: 'x' } };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'weka' } };
    expect(parse(JSON.stringify({ kind: 'List', items: [other, service, ...OBJECTS] }))).toEqual(parse(json));
  });
});

describe('whatever a file of facts holds', () => {
  const thing = fc.record({
    kind: fc.constantFrom('Node', 'Pod', 'ConfigMap', 'Secret', 'Other'),
    metadata: fc.record({ name: fc.string(), labels: fc.jsonValue(), annotations: fc.jsonValue() }),
    spec: fc.jsonValue(),
    status: fc.jsonValue(),
    data: fc.jsonValue(),
  });

  it('is read or refused, be it JSON or YAML', () => {
    fc.assert(
      fc.property(fc.array(thing), fc.nat(), fc.string(), (items, at, change) => {
        for (const whole of [JSON.stringify({ kind: 'List', items }), stringify({ items, kind: 'List' })]) {
          const cut = at % (whole.length + 1);
          for (const text of [whole, whole.slice(0, cut) + change + whole.slice(cut + change.length)]) {
            try {
              parse(text);
            } catch (error) {
              expect(error).toBeInstanceOf(FactsError);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where it is nested without end', () => {
    expect(complaint(`kind: Node\nmetadata: ${'['.repeat(50_000)}`)).toMatch(/^facts\.json:\d+:\d+: /);
    expect(complaint(`{"kind":"Node","metadata":${'['.repeat(50_000)}`)).toContain('cut off');
  });
});

describe('a file of facts is refused', () => {
  it.each([
    ['that is empty', '', 'facts.json is empty.'],
    ['with nothing but space', ' \n\n', 'facts.json is empty.'],
    [
      'of an empty list',
      '{"kind":"List","items":[]}',
      'facts.json holds no object, and no Node, Pod, ConfigMap or Secret.',
    ],
    [
      'of other kinds',
      '{"kind":"List","items":[{"kind":"Service","metadata":{"name":"a"}}]}',
      'facts.json holds only objects of kind Service, and no Node, Pod, ConfigMap or Secret.',
    ],
    ['without a kind', '{"items":[]}', 'facts.json:1:1: This is no object of Kubernetes: it has no kind.'],
    ['without items', '\n{"kind":"List"}', 'facts.json:2:1: The List has no items.'],
    ['of an object without a name', '{"kind":"Node"}', 'facts.json:1:1: This Node has no name.'],
    [
      'whose item is none',
      '{"kind":"List","items":[{"kind":"Node","metadata":{"name":"a"}},{"kind":"Node"}]}',
      'facts.json:1:1: Item 2 of the List is no object of Kubernetes: it has no kind, or no name.',
    ],
    ['of a bare list', '[]', 'facts.json:1:1: This is not what kubectl prints with -o json or -o yaml.'],
    [
      'of the table that kubectl prints without -o',
      'NAME     STATUS\nnode-a   Ready\n',
      'facts.json:1:1: This is not what kubectl prints with -o json or -o yaml.',
    ],
    [
      'that is changed',
      '{\n  "kind": List }',
      'facts.json:2:11: This is no JSON: the file is cut off, or was changed.',
    ],
    [
      'of YAML that is changed',
      'kind: List\nitems:\n- kind: Node\n  metadata: {\n- kind: Pod\n',
      'facts.json:5:1: This is no YAML: the file is cut off, or was changed.',
    ],
    [
      'with two nodes of one name',
      listOf(aNode('node-a'), aNode('node-a', { has: { cpu: '4' } })),
      'facts.json:1:1: Item 2 of the List cannot be so. The node node-a is there twice, and not the same both times.',
    ],
    [
      'with one pod on two nodes',
      `${listOf(aPod('web'))}\n${JSON.stringify(aPod('web', { node: 'node-b' }))}`,
      'facts.json:2:1: The pod weka/web is there twice, and not the same both times.',
    ],
    [
      'with a node that has less than nothing',
      listOf(aNode('node-a', { has: { cpu: '-4' } })),
      'facts.json:1:1: Item 1 of the List cannot be so. The node node-a says that it has minus 4 cores, which cannot be.',
    ],
    [
      'with a node that has more than any',
      listOf(aNode('node-a', { has: { memory: '100Ei' } })),
      expect.stringMatching(/ The node node-a says that it has [\d,]+ MiB of memory, which cannot be\.$/),
    ],
    [
      'with a pod that asks for less than nothing',
      listOf(aPod('web', { requests: { cpu: '-1' } })),
      'facts.json:1:1: Item 1 of the List cannot be so. The pod weka/web asks for less than nothing.',
    ],
    [
      'of YAML with aliases',
      'a: &a { name: x }\nkind: Node\nmetadata: *a\n',
      'facts.json:1:1: kubectl prints no aliases of YAML, and none are read.',
    ],
  ])('%s', (_, text, message) => {
    expect(complaint(text)).toEqual(message);
  });

  it('wherever JSON is cut off, or reads as whole', () => {
    const short = JSON.stringify({ kind: 'List', items: [aNode('node-a')] }, undefined, 1);
    for (let end = 1; end < short.length; end += 1) {
      expect(complaint(short.slice(0, end))).toMatch(
        /^facts\.json:\d+:\d+: (The JSON ends too early: the file is cut off\.|A text has no end: the file is cut off, or was changed\.|This is no JSON: the file is cut off, or was changed\.)$/,
      );
    }
  });

  it('at the place where it is cut off', () => {
    const lines = json.split('\n').slice(0, 20).join('\n');
    expect(complaint(lines)).toBe(
      `facts.json:20:${lines.length - lines.lastIndexOf('\n')}: The JSON ends too early: the file is cut off.`,
    );
  });

  it('beyond 64 MiB of YAML, with the way out', () => {
    const content = new Uint8Array(64 * 2 ** 20 + 1).fill('a'.charCodeAt(0));
    expect(() => parseFacts(content, 'facts.yaml')).toThrow('facts.yaml has more than 64 MiB of YAML');
  });
});
