import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NodeIntent } from '../../schemas/node-intent.ts';
import { NodeReport } from '../../schemas/node-report.ts';
import { list } from '../../schemas/node/list.ts';
import { isKnown, observed } from '../../schemas/node/observed.ts';

const REPORT = { schemaVersion: 1, node: 'node-a', agentVersion: '0.1.0', intentGeneration: 0 };

describe('a value that may be unknown', () => {
  const Size = observed(z.int().min(0));

  it('is the value, or the reason', () => {
    expect([3, { unknown: 'Not there.' }].map((value) => Size.parse(value))).toEqual([
      3,
      { unknown: 'Not there.' },
    ]);
    expect(isKnown(Size.parse(0))).toBe(true);
    expect(isKnown(Size.parse({ unknown: 'Not there.' }))).toBe(false);
    expect([null, [], {}, '', false].every((value) => isKnown<unknown>(value))).toBe(true);
  });

  it.each([
    [undefined, 'The report does not tell it.'],
    ['three', 'It is not as this version describes it: Invalid input: expected number, received string.'],
    [-1, 'It is not as this version describes it: Too small: expected number to be >=0.'],
    [{ unknown: '' }, expect.stringContaining('It is not as this version describes it')],
  ])('is unknown where it is %j', (value, reason) => {
    expect(Size.parse(value)).toEqual({ unknown: reason });
  });

  it('is unknown where it claims to be both', () => {
    const Folder = observed(z.object({ path: z.string() }));
    expect(Folder.parse({ path: '/opt', unknown: 'Not there.' })).toEqual({ unknown: 'Not there.' });
  });

  it('names the place of what is odd', () => {
    const List = observed(z.array(z.object({ size: z.int() })));
    expect(List.parse([{ size: 1 }, { size: 'x' }])).toMatchObject({
      unknown: expect.stringContaining('at 1.size:'),
    });
  });
});

describe('a list', () => {
  it('is not looked into where it has too many elements', () => {
    const asked: unknown[] = [];
    const element = z.custom<number>((value) => {
      asked.push(value);
      return typeof value === 'number';
    });
    const few = list(element, 2);
    expect(few.safeParse([1, 2])).toMatchObject({ success: true, data: [1, 2] });
    expect(few.safeParse([1, 'x']).error?.issues[0]?.path).toEqual([1]);
    expect(few.safeParse('x').error?.issues[0]?.message).toContain('expected array');
    asked.length = 0;
    expect(few.safeParse([1, 2, 3]).error?.issues).toMatchObject([{ message: 'has more than 2 elements' }]);
    expect(observed(few).parse([1, 2, 3])).toEqual({ unknown: expect.stringContaining('2 elements') });
    expect(asked).toEqual([]);
  });

  it('of a report is bounded everywhere by that', () => {
    expect(JSON.stringify(described(NodeReport))).not.toContain('maxItems');
  });
});

describe('a value that is odd', () => {
  it('is read once', () => {
    let asked = 0;
    const odd = z.custom<number>(() => {
      asked += 1;
      return false;
    });
    observed(odd).parse(1);
    expect(asked).toBe(1);
  });
});

describe('a report of another version of the agent', () => {
  it('is read without the fields that are new to this version, which others do not suffer from', () => {
    const report = NodeReport.parse({
      ...REPORT,
      newer: true,
      observed: { memoryMiB: 1024, lockdown: 'sealed', newer: { of: 'then' } },
    });
    expect(report.observed).toMatchObject({
      memoryMiB: 1024,
      lockdown: { unknown: expect.stringContaining('not as this version describes it') },
    });
    expect(JSON.stringify(report)).not.toContain('newer');
  });

  it('has unknown fields where it is older and does not tell them', () => {
    const { observed: seen } = NodeReport.parse({ ...REPORT, observed: {} });
    expect(new Set(Object.values(seen).map((value) => JSON.stringify(value)))).toEqual(
      new Set(['{"unknown":"The report does not tell it."}']),
    );
  });

  it('is none where its form means something else', () => {
    expect(NodeReport.safeParse({ ...REPORT, schemaVersion: 2, observed: {} }).success).toBe(false);
    expect(NodeReport.safeParse(REPORT).success).toBe(false);
    expect(NodeIntent.safeParse({ schemaVersion: 2, generation: 1 }).success).toBe(false);
    expect(NodeIntent.parse({ schemaVersion: 1, generation: 1, newer: 1 })).toEqual({
      schemaVersion: 1,
      generation: 1,
    });
  });
});

describe('the form of reports and intents', () => {
  it.each([
    ['report', NodeReport],
    ['intent', NodeIntent],
  ])('says of every field of a %s what it means', (_, schema) => {
    expect(undescribed(described(schema), '')).toEqual([]);
  });

  it('has no question that an unknown would answer with yes', () => {
    expect(JSON.stringify(described(NodeReport))).not.toContain('"boolean"');
  });
});

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** That an odd value becomes unknown is not for JSON Schema to say. */
function described(schema: z.ZodType): Described {
  return z.toJSONSchema(schema, { unrepresentable: 'any' }) as Described;
}

function undescribed(schema: Described, at: string): readonly string[] {
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
      ...(property.description === undefined ? [`${at}.${name}`] : []),
      ...undescribed(property, `${at}.${name}`),
    ]),
    ...(schema.items === undefined ? [] : undescribed(schema.items, `${at}[]`)),
    ...(schema.anyOf ?? []).flatMap((each) => undescribed(each, at)),
  ];
}
