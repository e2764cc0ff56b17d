import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../../reconciler/world/git/limits.ts';
import { localObjects } from '../../../../../reconciler/world/git/local/local-objects.ts';
import type { Oid } from '../../../../../reconciler/world/git/objects/git-object.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';

const folder = await scratchFolder(afterAll);

it('are found though git packs them, and packs them anew, while they are read', async () => {
  const origin = await GitRepository.create(join(folder, 'packed-meanwhile.git'));
  const first = (await origin.commit({ 'a.yaml': 'a: 1\n' })) as Oid;
  const objects = localObjects(origin.path, DEFAULT_LIMITS);

  await origin.git(['repack', '-adq']);
  expect((await objects.commit(first))?.oid).toBe(first);

  const second = (await origin.commit({ 'a.yaml': 'a: 2\n' })) as Oid;
  await origin.git(['repack', '-adq']);
  expect((await objects.commit(second))?.oid).toBe(second);
  expect(await objects.commit('0'.repeat(40) as Oid)).toBeUndefined();
});

it('leave time for others while many of them are read', async () => {
  const origin = await GitRepository.create(join(folder, 'many.git'));
  const files = Array.from({ length: 500 }, (_, index) => [`${index}.yaml`, `a: ${index}\n`] as const);
  const commit = (await origin.commit(Object.fromEntries(files))) as Oid;
  await origin.git(['repack', '-adq']);
  const objects = localObjects(origin.path, DEFAULT_LIMITS);
  const entries = await objects.tree((await objects.commit(commit))!.tree);

  let turns = 0;
  const timer = setInterval(() => turns++);
  for (const { oid } of entries) await objects.blob(oid, 1_000);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
