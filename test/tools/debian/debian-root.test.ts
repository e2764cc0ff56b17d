import { access, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../../cluster/run.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { aptFolder } from './apt.ts';
import { debianCache, debianRoot } from './debian-root.ts';
import { toolOf } from './tool.ts';

const report = () => {};
const hello = { name: 'hello', packages: ['hello'], report };

describe('debianRoot', () => {
  it('holds what was asked for with all that it depends on, and keeps it', async () => {
    const root = await debianRoot(hello);
    const status = await readFile(join(root, 'var/lib/dpkg/status'), 'utf8');
    expect(status).toMatch(/^Package: libc6\nStatus: install ok unpacked\n/m);
    expect(status).toMatch(/^Package: hello\nStatus: install ok unpacked\n/m);
    expect(await readlink(join(root, 'lib64'))).toBe('usr/lib64');
    const reported: string[] = [];
    expect(await debianRoot({ ...hello, report: (line) => void reported.push(line) })).toBe(root);
    expect(reported).toEqual([]);
  });

  it('runs programs with their own libraries and not with those of this machine', async () => {
    const { file, args, env } = toolOf(await debianRoot(hello), '/usr/bin/hello');
    const traced = await run(file, args, { env: { ...env, LD_TRACE_LOADED_OBJECTS: '1' } });
    expect(traced.stdout).toMatch(/libc\.so\.6 => \/.*\/hello-[0-9a-f]{16}\/usr\/lib\/.*\/libc\.so\.6/);
    expect(await run(file, [...args, '-t'], { env })).toMatchObject({
      stdout: 'hello, world\n',
      exitCode: 0,
    });
  });

  it('is made once for several that ask at once, and anew of what a killed one left', async () => {
    const cache = await cacheWithLists();
    const root = await debianRoot({ ...hello, cache });
    await run('rm', ['-r', root]);
    await mkdir(join(`${root}.unfinished`, 'usr/half'), { recursive: true });
    // And one that nobody will ever make to its end.
    await mkdir(join(cache, 'hello-0123456789abcdef.unfinished/usr'), { recursive: true });

    const reported: string[] = [];
    const ask = () => debianRoot({ ...hello, cache, report: (line) => void reported.push(line) });
    expect(await Promise.all([ask(), ask()])).toEqual([root, root]);
    expect(reported.filter((line) => line.startsWith('Made'))).toHaveLength(1);
    expect(reported).toContainEqual('Another process makes the Debian root of hello; waiting for it.');
    expect(await readdir(cache)).toEqual([
      expect.stringMatching(/^apt-/),
      expect.stringMatching(/^hello-[0-9a-f]{16}$/),
    ]);
    await expect(access(join(root, 'usr/half'))).rejects.toThrow('ENOENT');
  });

  it('names a package that there is not, and leaves nothing', async () => {
    const cache = await cacheWithLists();
    const asked = debianRoot({ name: 'odd', packages: ['there-is-no-such-package'], cache, report });
    await expect(asked).rejects.toThrow(
      /apt-get install for the Debian root of odd failed, exit code 100:\n[^]*Unable to locate package there-is-no-such-package/,
    );
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^apt-/)]);
  });

  it('says how to go on where no archive is in reach', async () => {
    const cache = await scratchFolder();
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('WEKA_GITOPS_DEBIAN', 'http://127.0.0.1:12');
    vi.stubEnv('http_proxy', '');
    await expect(debianRoot({ ...hello, cache })).rejects.toThrow(
      /WEKA_GITOPS_DEBIAN to the address of a mirror\.$/,
    );
  });

  it('names a package that was damaged in the cache, and fetches it anew when asked again', async () => {
    const cache = await cacheWithLists();
    const root = await debianRoot({ ...hello, cache });
    await run('rm', ['-r', root]);
    const apt = aptFolder({ cache, sources: 'bookworm' });
    const archives = join(apt, 'archives');
    const deb = (await readdir(archives)).find((name) => name.startsWith('hello_'))!;
    const content = await readFile(join(archives, deb));
    content[content.length - 100]! ^= 0xff;
    await writeFile(join(archives, deb), content);
    await expect(debianRoot({ ...hello, cache })).rejects.toThrow(`${deb} cannot be unpacked, exit code`);
    expect(await readdir(cache)).toEqual([basename(apt)]);
    expect(await debianRoot({ ...hello, cache })).toBe(root);
  });
});

/** A cache of its own that need not ask for the lists of packages again. */
async function cacheWithLists(): Promise<string> {
  await debianRoot(hello);
  const cache = await scratchFolder();
  const apt = aptFolder({ cache, sources: 'bookworm' });
  await mkdir(apt);
  for (const part of ['lists', 'lists-are-whole']) {
    await run('cp', ['-r', join(aptFolder({ cache: debianCache(), sources: 'bookworm' }), part), apt]);
  }
  return cache;
}
