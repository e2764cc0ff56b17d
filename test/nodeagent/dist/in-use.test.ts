import { rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type DistSite, distSite, pathOf, sha256Of, startTestDist, usePackages } from './dist-site.ts';

const of = (text: string) => Buffer.alloc(100_000, text);
const named = (file: string, bytes = of(file)) => ({ file, sha256: sha256Of(bytes) });

function removed(site: DistSite): readonly unknown[] {
  return site.said('Removed a package to make room').map(({ fields }) => fields['file']);
}

it('a package that is in use stays, though all others were used since', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { budgetBytes: 300_000 });
  for (const name of ['a', 'b', 'c']) await dist.put(name, of(name));
  await usePackages(site, [named('a')]);
  expect((await dist.put('d', of('d'))).status).toBe(201);
  expect((await dist.get(pathOf('a'))).status).toBe(200);
  expect(removed(site)).toEqual(['b']);

  // What is in use changes while it serves.
  await usePackages(site, [named('c'), named('d')]);
  expect((await dist.put('e', of('e'))).status).toBe(201);
  expect(removed(site)).toEqual(['b', 'a']);
});

it('no room is made by what is in use: then there is none', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { budgetBytes: 200_000 });
  for (const name of ['a', 'b']) await dist.put(name, of(name));
  await usePackages(site, [named('a'), named('b')]);
  expect((await dist.put('c', of('c'))).status).toBe(507);
  for (const name of ['a', 'b']) expect((await dist.get(pathOf(name))).status).toBe(200);
  expect(removed(site)).toEqual([]);
});

it('a package under a name that is in use with other bytes is not in use', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { budgetBytes: 200_000 });
  for (const name of ['a', 'b']) await dist.put(name, of(name));
  await usePackages(site, [named('a', of('other')), named('b')]);
  expect((await dist.put('c', of('c'))).status).toBe(201);
  expect(removed(site)).toEqual(['a']);
});

it.each([
  ['is missing', async ({ inUse }: DistSite) => await rm(inUse)],
  ['is cut', async ({ inUse }: DistSite) => await writeFile(inUse, '{"schemaVersion":1,"packages":[')],
  ['is of another form', async ({ inUse }: DistSite) => await writeFile(inUse, '{"schemaVersion":2}')],
])('where the list %s, nothing goes, also at a start', async (_, spoil) => {
  const site = await distSite();
  const dist = await startTestDist(site, { budgetBytes: 200_000 });
  for (const name of ['a', 'b']) await dist.put(name, of(name));
  await spoil(site);
  expect((await dist.put('c', of('c'))).status).toBe(507);
  expect(site.said('Does not know which packages are in use, and removes none')).toHaveLength(1);
  await dist.running.stop(0);
  const again = await startTestDist(site, { budgetBytes: 100_000 });
  for (const name of ['a', 'b']) expect((await again.get(pathOf(name))).status).toBe(200);

  await usePackages(site, []);
  await again.running.stop(0);
  await startTestDist(site, { budgetBytes: 100_000 });
  expect(removed(site)).toEqual(['a']);
});

it('other bytes take the place of a package where they are what is in use by its name now', async () => {
  const site = await distSite();
  const dist = await startTestDist(site);
  const [before, after] = [of('before'), of('after')];
  await dist.put('a', before);
  expect((await dist.put('a', after)).status).toBe(409);
  await usePackages(site, [named('a', before)]);
  expect((await dist.put('a', after)).status).toBe(409);
  await usePackages(site, [named('a', after)]);
  expect((await dist.put('a', after)).status).toBe(201);
  expect((await dist.get(pathOf('a'))).body.equals(after)).toBe(true);
  expect((await dist.get(pathOf('a.sha256'))).text).toBe(`${sha256Of(after)}  a\n`);

  await dist.running.stop(0);
  const again = await startTestDist(site);
  expect((await again.get(pathOf('a'))).body.equals(after)).toBe(true);
  expect((await again.put('a', before)).status).toBe(409);
});
