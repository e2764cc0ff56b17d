import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every code that an error of the program can have: a class's own, those of a union, those of a table. */
async function codes(): Promise<ReadonlySet<string>> {
  const names = await readdir(join(ROOT, 'reconciler'), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(ROOT, 'reconciler', name), 'utf8')));
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

it('the README tells every code that an error can have, and no other', async () => {
  const [there, inReadme] = await Promise.all([codes(), told()]);
  expect(there.size).toBeGreaterThan(40);
  expect([...inReadme].toSorted()).toEqual([...there].toSorted());
});
