import { once } from 'node:events';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MirrorFolder } from '../../../../reconciler/world/export/mirror-folder.ts';
import { DRIVERS_PATH } from '../../../../schemas/drivers/package.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { sha256Of } from '../../../nodeagent/dist/dist-site.ts';
import { aPackage } from '../../../nodeagent/plan/driver-builders.ts';

it('of two packages of one name that come at once, keeps the one that is whole first', async () => {
  const folder = await scratchFolder();
  const mirror = await MirrorFolder.open(folder);
  const goOn = Promise.withResolvers<void>();
  const write = async (text: string) => {
    const bytes = Buffer.from(text);
    const about = aPackage('4.4.5', { sha256: sha256Of(bytes), bytes: bytes.length });
    expect(await mirror.has(about)).toBe(false);
    await mirror.write(about, 'a source', async () =>
      (async function* () {
        await goOn.promise;
        yield bytes;
      })(),
    );
  };
  const both = Promise.allSettled(['one', 'the other'].map(write));
  goOn.resolve();
  const failed = (await both).filter((each) => each.status === 'rejected');
  expect(failed.map(({ reason }) => String(reason))).toEqual([expect.stringContaining('is another package')]);
  const path = join(folder, DRIVERS_PATH);
  expect((await readdir(path)).toSorted()).toEqual(['4.4.5.tar.gz', '4.4.5.tar.gz.sha256']);
  const kept = await readFile(join(path, '4.4.5.tar.gz'));
  expect(await readFile(join(path, '4.4.5.tar.gz.sha256'), 'utf8')).toBe(`${sha256Of(kept)}  4.4.5.tar.gz\n`);
});

it('leaves a source that sends something every now and then, and is too slow for the whole', async () => {
  const folder = await scratchFolder();
  const mirror = await MirrorFolder.open(folder, { silentMs: 10_000, leastBytesPerMs: 1000, graceMs: 100 });
  const bytes = Buffer.from('some bytes');
  const about = aPackage('4.4.5', { sha256: sha256Of(bytes), bytes: bytes.length });
  const writing = mirror.write(about, 'a source', async (signal) =>
    (async function* () {
      yield bytes.subarray(0, 1);
      await once(signal, 'abort');
      throw new Error('aborted');
    })(),
  );
  await expect(writing).rejects.toMatchObject({
    fault: { code: 'UNREACHABLE', why: 'a source has not sent all of 4.4.5.tar.gz within 1 s.' },
  });
  expect(await readdir(join(folder, DRIVERS_PATH))).toEqual([]);
});

it('is rid of what was left of packages that never came whole, and of nothing else', async () => {
  const folder = await scratchFolder();
  const path = join(folder, DRIVERS_PATH);
  await mkdir(path, { recursive: true });
  const [left, coming, others] = ['.a.tar.gz.0123abcd.part', '.b.tar.gz.0123abcd.part', 'c.part'];
  const before = new Date(Date.now() - 60 * 60_000);
  for (const name of [left, coming, others]) await writeFile(join(path, name), 'x');
  for (const name of [left, others]) await utimes(join(path, name), before, before);
  await MirrorFolder.open(folder);
  expect((await readdir(path)).toSorted()).toEqual([coming, others]);
});
