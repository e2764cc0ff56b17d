import { readFileSync } from 'node:fs';
import { check, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { fieldCounts } from '../../scripts/field-rows.ts';
import { fieldExample, fieldPagePath, fieldPages } from '../../scripts/generate-field-tables.ts';
import { SPEC_KINDS } from '../../schemas/spec.ts';
import { readFiles, told } from '../reconciler/core/spec/read.ts';

const pages = await fieldPages();
const kinds = SPEC_KINDS.map((kind) => ({ kind: kind.kind, path: fieldPagePath(kind), spec: kind }));

function onDisk(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The cells of each row that tells a field of a page. */
function rows(path: string): readonly (readonly string[])[] {
  const lines = (pages[path] ?? '').split('\n').filter((line) => /^\| (~~)?`/.test(line));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The path that a row's first cell tells. */
function fieldOf(cell = ''): string {
  return /`([^`]+)`/.exec(cell)?.[1] ?? '';
}

function row(file: string, field: string): readonly string[] | undefined {
  return rows(`schemas/docs/${file}.md`).find(([first]) => first?.includes(`\`${field}\``));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

/** Where a JSON Schema has fields, each as `windows[].schedule`. */
function paths(schema: Schema, prefix = ''): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, field]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      return [path, ...paths(field, path)];
    }),
    ...(items === undefined ? [] : paths(items, `${prefix}[]`)),
    ...(typeof additionalProperties === 'object' ? paths(additionalProperties, `${prefix}.*`) : []),
  ];
}

describe('the pages of fields', () => {
  it.each(kinds)('of a $kind are what stands in $path, and stay so when formatted', async ({ path }) => {
    const text = pages[path] ?? '';
    expect(onDisk(path)).toBe(text);
    const config = await resolveConfig(new URL(`../../${path}`, import.meta.url));
    expect(await check(text, { ...config, parser: 'markdown' })).toBe(true);
  });

  it.each(kinds)('tell every field of a $kind once, save within types of Kubernetes', ({ path, spec }) => {
    const schema = z.toJSONSchema(spec.schema, { io: 'input', target: 'draft-7' }) as Schema;
    const all = paths(schema.properties?.['spec'] ?? {});
    const found = rows(path).map(([first]) => ({
      field: fieldOf(first),
      linked: first?.includes('][') ?? false,
    }));
    const foreign = found.filter(({ linked }) => linked).map(({ field }) => field);
    const within = (field: string): boolean =>
      foreign.some((each) => field.startsWith(`${each}.`) || field.startsWith(`${each}[]`));
    const own = all.filter((field) => !within(field));
    const isHead = (field: string): boolean => !/[.[]/.test(field);
    expect(found.map(({ field }) => field)).toEqual([
      ...own.filter(isHead),
      ...own.filter((field) => !isHead(field)),
    ]);
  });

  it.each(kinds)('of a $kind have rows of four cells', ({ path }) => {
    expect(rows(path).filter((cells) => cells.length !== 4)).toEqual([]);
    expect(rows(path).filter(([, , meaning]) => meaning === '')).toEqual([]);
  });

  it.each([
    ['weka-cluster', 'dynamicTemplate.driveCores', '<br>integer', '`1`<br>at least 0'],
    ['weka-cluster', 'gracefulDestroyDuration', '<br>duration', '`24h`'],
    ['weka-cluster', 'nodeSelector', '<br>map\\[string\\]string', ''],
    ['weka-cluster', 'rawTolerations', '<br>[\\[\\]Toleration][Toleration]', ''],
    ['weka-client', 'image', '<br>string, **required**', expect.stringMatching(/such as quay\.io/)],
    ['weka-client', 'resources.limits.memory', '<br>quantity', ''],
    ['settings', 'windows[].duration', '<br>duration, **required**', ''],
    ['settings', 'prune.budget.percent', '<br>integer', '`10`<br>0 to 100'],
    ['settings', 'drift', '<br>string', '`correct`<br>one of `correct`, `report`'],
    ['settings', 'external.secrets', '<br>\\[\\]string', 'none<br>namespace/name'],
  ])('tell in %s the type, default and values of %s', (file, field, type, values) => {
    expect(row(file, field)?.slice(0, 2)).toEqual([`\`${field}\`${type}`, values]);
  });

  it('mark what this version acts on', () => {
    expect(row('weka-container', 'image')?.[3]).toBe('✓');
    expect(row('weka-container', 'overrides')?.[3]).toBe('in part');
    expect(row('weka-container', 'numCores')?.[3]).toBe('ignored');
  });

  it('strike out what is deprecated, and say what replaces it', () => {
    const [field, , meaning] = row('weka-container', 'exposePorts') ?? [];
    expect(field).toBe('~~`exposePorts`~~<br>\\[\\]integer');
    expect(meaning).toMatch(/^\*\*Deprecated:\*\* Use `exposedPorts`\. \S/);
  });

  it.each(kinds)('link only to headings and pages that a $kind has', ({ path }) => {
    const text = pages[path] ?? '';
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, name = '']) => `#${name.toLowerCase()}`);
    expect(headings).toEqual(
      expect.arrayContaining([...text.matchAll(/\]\((#[^)]+)\)/g)].map(([, anchor]) => anchor)),
    );
    const named = [...text.matchAll(/\]\[(\w+)\]/g)].map(([, name]) => name);
    const defined = [...text.matchAll(/^\[(\w+)\]: https:/gm)].map(([, name]) => name);
    expect(new Set(defined)).toEqual(new Set(named));
  });
});

describe('the examples', () => {
  it('are one repository without a fault', async () => {
    const files = await Promise.all(
      kinds.map(async ({ kind, spec }) => [`${kind}.yaml`, await fieldExample(spec)] as const),
    );
    const read = readFiles(Object.fromEntries(files));
    expect(told(read).filter((line) => !/^\S+ ignored /.test(line))).toEqual([]);
    expect(read).toMatchObject({ documents: kinds.length, broken: [] });
  });

  it.each(kinds)('have a $kind on its page', async ({ kind, path, spec }) => {
    const example = await fieldExample(spec);
    expect(parse(example)).toMatchObject({ apiVersion: spec.apiVersion, kind });
    expect(pages[path]).toContain(`\n\`\`\`yaml\n${example}\`\`\`\n`);
  });
});

describe('the README', () => {
  it.each(kinds)('counts the fields of a $kind, and leads to their page', ({ kind, path, spec }) => {
    const found = rows(path).map(([first, , , mark]) => ({
      field: fieldOf(first),
      mark,
    }));
    const single = found.filter(
      ({ field }) =>
        !found.some(({ field: other }) => /^[.[]/.test(other.slice(field.length)) && other.startsWith(field)),
    );
    const counted = (mark: string): number => single.filter((each) => each.mark === mark).length;
    const { actedOn, ignored } = fieldCounts(spec);
    expect({ actedOn, ignored }).toEqual({ actedOn: counted('✓'), ignored: counted('ignored') });
    const line = onDisk('README.md')
      .split('\n')
      .find((each) => each.startsWith(`| [${kind}](${path}) `));
    expect(line?.match(/\d+/g)).toEqual([`${actedOn}`, `${ignored}`]);
  });
});
