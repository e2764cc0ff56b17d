import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../../reconciler/world/git/limits.ts';
import { openLocalObjects } from '../../../../../reconciler/world/git/local/local-objects.ts';
import type { Oid } from '../../../../../reconciler/world/git/objects/git-object.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';

const folder = await scratchFolder(afterAll);

it('are found though git packs them, and packs them anew, while they are read', async () => {
  const origin = await GitRepository.create(join(folder, 'packed-meanwhile.git'));
  const first = (await origin.commit({ 'a.yaml': 'a: 1\n' })) as Oid;
  await using objects = await openLocalObjects(origin.path, DEFAULT_LIMITS);

  await origin.git(['repack', '-adq']);
  expect((await objects.read(first))?.type).toBe('commit');

  const second = (await origin.commit({ 'a.yaml': 'a: 2\n' })) as Oid;
  await origin.git(['repack', '-adq']);
  expect((await objects.read(second))?.type).toBe('commit');
  expect(await objects.read('0'.repeat(40) as Oid)).toBeUndefined();
});
