import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { copyPrograms, librariesOf } from '../../nodeagent/copy-programs.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { copyProgramsCommand, programCommand, PROGRAMS_FOLDER } from '../../schemas/drivers/programs.ts';
import { bundleEntry } from '../../scripts/bundle.ts';
import { scratchFolder } from '../cluster/scratch.ts';

const MAIN = fileURLToPath(new URL('../../nodeagent/main.ts', import.meta.url));

it('makes a folder from which the program runs in an image that has nothing else', async () => {
  const scratch = await scratchFolder();
  const { file } = await bundleEntry('weka-nodeagent', MAIN, join(scratch, 'app'));
  const [, verb, volume] = copyProgramsCommand(join(scratch, `image${PROGRAMS_FOLDER}`));
  await mkdir(volume ?? '', { recursive: true });
  // Twice, as where a pod is started anew.
  for (const args of [[file], [file]]) {
    await promisify(execFile)(process.execPath, [...args, verb ?? '', volume ?? '']);
  }
  const image = join(scratch, 'image');
  const run = async (...args: readonly string[]) =>
    (
      await promisify(execFile)('/usr/sbin/chroot', [image, ...programCommand(...args)], {
        env: {},
        timeout: 30_000,
      })
    ).stdout;
  expect(await run('version')).toBe(`weka-nodeagent ${packageJson.version}\n`);
  // It is one of the parts that are loaded late.
  await expect(
    run('dist', '--listen', '127.0.0.1:0', '--folder', `${PROGRAMS_FOLDER}/node`),
  ).rejects.toMatchObject({
    stderr: expect.stringContaining('DIST_FOLDER: Packages cannot be kept in /weka-gitops/node: ENOTDIR.'),
  });
  expect((await readdir(volume ?? '')).filter((name) => name.endsWith('.part'))).toEqual([]);
}, 120_000);

it('is only done by what is bundled', async () => {
  await expect(copyPrograms('/nowhere', MAIN)).rejects.toMatchObject({ code: 'NOT_BUNDLED' });
});

it('takes libraries by the names that programs ask for', async () => {
  const maps = [
    '00400000-00401000 r--p 00000000 fe:00 12 /usr/local/bin/node',
    '7f00-7f01 r--p 00000000 fe:00 1    /usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30',
    '7f01-7f02 r-xp 00000000 fe:00 1    /usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30',
    '7f02-7f03 r--p 00000000 fe:00 2    /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    '7f03-7f04 r--p 00000000 fe:00 2    /usr/lib/aarch64-linux-gnu/libc.so.6',
    '7f04-7f05 r--p 00000000 fe:00 2    /memfd:x (deleted)',
    '7ffd-7ffe rw-p 00000000 00:00 0    [stack]',
  ].join('\n');
  expect([...librariesOf(maps)]).toEqual([
    ['libstdc++.so.6', '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30'],
    ['ld.so', '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
    ['libc.so.6', '/usr/lib/aarch64-linux-gnu/libc.so.6'],
  ]);
  expect([...librariesOf(await readFile('/proc/self/maps', 'utf8')).keys()]).toEqual(
    expect.arrayContaining(['ld.so', 'libc.so.6', 'libstdc++.so.6']),
  );
});
