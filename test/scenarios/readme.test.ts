import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const text = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** What a table says is covered: a test file by its link, and titles within it. */
async function named(): Promise<readonly { readonly file: string; readonly titles: readonly string[] }[]> {
  const readme = await text('README.md');
  return [...readme.matchAll(/\]\(([^)]+\.test\.ts)\)((?::|,)(?: ?“[^”]+”,?)+)?/g)].map(
    ([, file = '', titles = '']) => ({
      file,
      titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
    }),
  );
}

it('the table of faults names tests that are there', async () => {
  const all = await named();
  expect(all.length).toBeGreaterThan(40);
  const missing: string[] = [];
  for (const { file, titles } of all) {
    const source = await text(file).catch(() => '');
    if (source === '') missing.push(file);
    for (const title of titles) if (!source.includes(title)) missing.push(`${file}: ${title}`);
  }
  expect(missing).toEqual([]);
});

it('the promises of the README name tests that are there', async () => {
  const readme = await text('../../README.md');
  const [, promises = ''] = /^## Promises\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const files = [...promises.matchAll(/`((?:scenarios|reconciler)\/[\w/-]+)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(20);
  const missing: string[] = [];
  for (const file of new Set(files)) {
    const found = await text(`../${file}.test.ts`).catch(() => undefined);
    // A folder stands for the tests in it.
    const isFolder = found === undefined && (await isDirectory(`../${file}/`));
    if (found === undefined && !isFolder) missing.push(file);
  }
  expect(missing).toEqual([]);
});

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(fileURLToPath(new URL(path, import.meta.url))).catch(() => undefined);
  return found?.isDirectory() === true;
}
