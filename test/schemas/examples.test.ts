import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { record } from '../../reconciler/core/kube/json.ts';
import { SPEC_KINDS } from '../../schemas/spec.ts';
import { readFiles, told } from '../reconciler/core/spec/read.ts';

const folder = new URL('examples/', import.meta.url);
const names = readdirSync(folder);
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

it.each(names)('%s is read without an error', (name) => {
  const parsed = readFiles({ [name]: texts[name] ?? '' });
  expect(told(parsed).filter((line) => !/^\S+ ignored /.test(line))).toEqual([]);
  expect(parsed.broken).toEqual([]);
});

it('has an example of every kind', () => {
  const kinds = Object.values(texts).flatMap((text) =>
    text.split('\n---\n').map((each) => record(parse(each))['kind']),
  );
  expect(new Set(kinds)).toEqual(new Set(SPEC_KINDS.map(({ kind }) => kind)));
});

it('keeps what was written, and adds defaults', () => {
  const { specs } = readFiles(texts);
  for (const { manifest, kind } of specs) {
    const { schema } = SPEC_KINDS.find((each) => each.kind === kind) ?? {};
    expect(schema?.parse(manifest)).toMatchObject(manifest);
  }
  expect(specs.map(({ kind }) => kind)).toHaveLength(11);
});
