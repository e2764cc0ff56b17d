import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { measureFile, packModules } from '../../../nodeagent/build/pack-modules.ts';
import { run } from '../../cluster/run.ts';

describe('packModules', () => {
  it('makes the same bytes of the same members, whatever their order, time, mode and folder', async () => {
    const [one, other] = [await membersIn(0o644, 1), await membersIn(0o600, 1_700_000_000)];
    const first = await packModules(one.members, one.to);
    const second = await packModules(other.members.toReversed(), other.to);

    expect(second).toEqual(first);
    expect(await readFile(other.to)).toEqual(await readFile(one.to));
  });

  it('makes what tar reads, with nothing of the machine in it', async () => {
    const { members, to } = await membersIn(0o600, 5);
    const { sha256, bytes } = await packModules(members, to);
    const { stdout } = await run('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--file', to]);

    expect(stdout.split('\n')).toEqual([
      '-rw-r--r-- 0/0               1 1970-01-01 00:00 a.ko',
      '-rw-r--r-- 0/0          300000 1970-01-01 00:00 b.ko',
      '',
    ]);
    const content = await readFile(to);
    expect({ sha256, bytes }).toEqual({
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
    });
    expect(await measureFile(to)).toEqual({ sha256, bytes });
  });

  it('fails where a member cannot be read, and where the disk is full', async () => {
    const { members, to } = await membersIn(0o644, 1);
    await expect(packModules([...members, { name: 'c.ko', path: '/there/is/none' }], to)).rejects.toThrow(
      'ENOENT',
    );
    await expect(packModules(members, '/dev/full')).rejects.toThrow('ENOSPC');
  });
});

async function membersIn(mode: number, seconds: number) {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  const members = [
    { name: 'b.ko', path: join(folder, 'one'), content: Buffer.alloc(300_000, 'abc') },
    { name: 'a.ko', path: join(folder, 'other'), content: Buffer.from('x') },
  ];
  for (const { path, content } of members) {
    await writeFile(path, content, { mode });
    await utimes(path, seconds, seconds);
  }
  return { members, to: join(folder, 'package.tar.gz') };
}
