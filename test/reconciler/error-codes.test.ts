import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The texts of all files of a program. */
async function textsOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  return await Promise.all(files.map((name) => readFile(join(ROOT, folder, name), 'utf8')));
}

/** Every code that an error of the programs can have: a class's own, those of a union, those of a table. */
async function codes(): Promise<ReadonlySet<string>> {
  const texts = (await Promise.all(['reconciler', 'nodeagent'].map(textsOf))).flat();
  const found = texts
    .filter((text) => text.includes('extends ReconcilerError'))
    .flatMap((text) => [
      ...text.matchAll(/readonly code = '([A-Z_]+)'/g),
      ...text.matchAll(/^ {2}\| '([A-Z_]+)'/gm),
      ...text.matchAll(/^ {2}([A-Z]+_[A-Z_]+): '(?:next-pass|after-change)'/gm),
    ]);
  return new Set(found.map(([, code = '']) => code));
}

async function told(): Promise<ReadonlySet<string>> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, table = ''] = /^## Errors\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return new Set(
    rows
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)])
      .map(([, code = '']) => code),
  );
}

/** What can go wrong with drivers has a page of its own. */
async function toldOfDrivers(): Promise<ReadonlySet<string>> {
  const page = await readFile(join(ROOT, 'schemas/docs/drivers.md'), 'utf8');
  return new Set([...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code = '']) => code));
}

it('the README, or the page about drivers, tells every code that an error can have', async () => {
  const [there, inReadme, ofDrivers] = await Promise.all([codes(), told(), toldOfDrivers()]);
  expect(there.size).toBeGreaterThan(40);
  expect([...there].filter((code) => !inReadme.has(code) && !ofDrivers.has(code))).toEqual([]);
});

it('the README tells no code that no error has', async () => {
  const [there, inReadme] = await Promise.all([codes(), told()]);
  expect([...inReadme].filter((code) => !there.has(code))).toEqual([]);
});
