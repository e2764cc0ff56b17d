import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpack, type UnpackLimits } from '../../../nodeagent/drivers/unpack.ts';
import { StepFailedError } from '../../../nodeagent/plan/fault.ts';
import { archive, type Member, sha256 } from './archive.ts';
import { infoOf, kernelModule } from './kernel-module.ts';
import { temporaryFolder } from './temporary-folder.ts';

const KO = kernelModule({ info: infoOf('wekafsgw') });

async function unpacked(
  bytes: Uint8Array,
  { digest = sha256(bytes), limits }: { digest?: string; limits?: UnpackLimits } = {},
) {
  const folder = await temporaryFolder();
  const [file, to] = [join(folder, 'package'), join(folder, 'unpacked')];
  await writeFile(file, bytes);
  try {
    return { modules: await unpack(file, digest, to, limits), to, folder };
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    // Nothing of it stays.
    expect(await readdir(folder)).toEqual(['package']);
    return { fault: error.fault, to, folder };
  }
}

describe('unpacking a package', () => {
  it('tells what its modules are, whatever their files are named', async () => {
    const io = kernelModule({
      info: infoOf('wekafsio', { depends: 'wekafsgw,some-other', vermagic: '6.1.0-32 SMP preempt ' }),
      buildId: 'ab'.repeat(20),
      isSigned: true,
      bytes: 300_000,
    });
    const bytes = await archive([
      [{ name: 'drivers/', type: 'directory' }],
      [{ name: 'drivers/weka_driver-wekafsio-4.4.5-6.1.0-32.x86_64.ko' }, io],
      [{ name: './weka_driver-wekafsgw-4.4.5.ko' }, KO],
      [{ name: 'README' }, Buffer.from('No module.')],
    ]);
    const { modules, to } = await unpacked(bytes);
    expect(modules).toEqual([
      {
        file: '0.ko',
        name: 'wekafsio',
        architecture: 'x86_64',
        vermagic: '6.1.0-32 SMP preempt ',
        depends: ['wekafsgw', 'some-other'],
        version: '4.4.5',
        srcversion: 'WEKAFSIO4.4.5',
        buildId: 'ab'.repeat(20),
        isSigned: true,
        sha256: sha256(io),
      },
      expect.objectContaining({ file: '1.ko', name: 'wekafsgw', isSigned: false }),
    ]);
    expect(await readdir(to)).toEqual(['0.ko', '1.ko']);
    expect(await readFile(join(to, '0.ko'))).toEqual(io);
  });

  const refused: readonly [what: string, members: readonly Member[], why: RegExp][] = [
    ['a name that leads out', [[{ name: '../../etc/x.ko' }, KO]], /leads out of the archive/],
    ['a name that leads out further in', [[{ name: 'a/../../x.ko' }, KO]], /leads out of the archive/],
    ['an absolute name', [[{ name: '/etc/x.ko' }, KO]], /is an absolute name/],
    ['a name with other characters', [[{ name: 'a\nb.ko' }, KO]], /is no name of a module's file/],
    ['a link', [[{ name: 'x.ko', type: 'symlink', linkname: '/etc/shadow' }]], /is no file/],
    [
      'a hard link',
      [[{ name: 'y.ko' }, KO], [{ name: 'x.ko', type: 'link', linkname: 'y.ko' }]],
      /is no file/,
    ],
    ['a device', [[{ name: 'x.ko', type: 'character-device', devmajor: 1, devminor: 3 }]], /is no file/],
    ['a pipe', [[{ name: 'x.ko', type: 'fifo' }]], /is no file/],
    [
      'a member twice',
      [
        [{ name: 'x.ko' }, KO],
        [{ name: './x.ko' }, KO],
      ],
      /has "x\.ko" twice/,
    ],
    [
      'a module in two files',
      [
        [{ name: 'x.ko' }, KO],
        [{ name: 'y.ko' }, KO],
      ],
      /two of its files are module wekafsgw/,
    ],
    ['no module', [[{ name: 'README' }, Buffer.from('x')]], /has no kernel module/],
    [
      'a .ko that is none',
      [[{ name: 'x.ko' }, Buffer.alloc(9000, 'x')]],
      /"x\.ko" is no module: it is no ELF file/,
    ],
    ['a module cut off', [[{ name: 'x.ko' }, KO.subarray(0, 100)]], /"x\.ko" is no module: .* cut off/],
    [
      'a module for no kernel',
      [[{ name: 'x.ko' }, kernelModule({ info: ['name=x'] })]],
      /does not say for which kernel/,
    ],
    [
      'a module with a name that is a path',
      [[{ name: 'x.ko' }, kernelModule({ info: infoOf('../x') })]],
      /has no name/,
    ],
    [
      'a module for another machine',
      [[{ name: 'x.ko' }, kernelModule({ info: infoOf('x'), machine: 8 })]],
      /machine that is not known/,
    ],
  ];
  it.each(refused)('refuses one with %s', async (_, members, why) => {
    const { fault } = await unpacked(await archive(members));
    expect(fault).toMatchObject({ state: 'refused', code: 'BAD_PACKAGE' });
    expect(fault?.message).toMatch(why);
  });

  it('refuses one that unpacks to more than it may', async () => {
    const limits = { members: 3, memberBytes: 1 << 20, bytes: 3 << 20 };
    const bomb = await archive([[{ name: 'x.txt' }, Buffer.alloc(2 << 20)]]);
    expect(bomb.length).toBeLessThan(10_000);
    expect((await unpacked(bomb, { limits })).fault?.message).toMatch(/more than modules ever have/);
    const many = await archive(['a', 'b', 'c', 'd'].map((name): Member => [{ name }, Buffer.from(name)]));
    expect((await unpacked(many, { limits })).fault?.message).toMatch(/more than 3 members/);
    const together = await archive(
      ['a', 'b', 'c'].map((name): Member => [{ name }, Buffer.alloc(1 << 20, name)]),
    );
    expect((await unpacked(together, { limits })).modules).toBeUndefined();
  });

  it('refuses one that goes on without end after its last member', async () => {
    const whole = gunzipSync(await archive([[{ name: 'x.ko' }, KO]]));
    const padded = (bytes: number) => gzipSync(Buffer.concat([whole, Buffer.alloc(bytes)]));
    expect((await unpacked(padded(64 << 20))).fault?.message).toMatch(/more than its members have/);
    expect((await unpacked(padded(20 * 512))).modules).toHaveLength(1);
  });

  it('refuses what is no archive, or not all of one', async () => {
    const whole = await archive([
      [{ name: 'x.ko' }, KO],
      [{ name: 'big' }, Buffer.alloc(100_000, 'y')],
    ]);
    for (const bytes of [
      Buffer.from('no archive at all'),
      Buffer.alloc(0),
      whole.subarray(0, whole.length - 40),
    ]) {
      expect((await unpacked(bytes)).fault).toMatchObject({
        code: 'BAD_PACKAGE',
        message: expect.stringMatching(/no (whole|archive|\.tar|kernel)/) as string,
      });
    }
  });

  it('refuses what changed on the disk since its digest was computed', async () => {
    const bytes = await archive([[{ name: 'x.ko' }, KO]]);
    const { fault, to } = await unpacked(bytes, { digest: sha256(Buffer.from('other')) });
    expect(fault?.code).toBe('DIGEST');
    expect(existsSync(to)).toBe(false);
  });

  it('throws nothing else, whatever the bytes of a module or an archive are', async () => {
    const good = await archive([[{ name: 'x.ko' }, kernelModule({ info: infoOf('x'), buildId: 'abcd' })]]);
    const module = kernelModule({ info: infoOf('x'), buildId: 'abcdef01', isSigned: true });
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(flips, fc.boolean(), async (changes, inModule) => {
        const bytes = Buffer.from(inModule ? module : good);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        await unpacked(inModule ? await archive([[{ name: 'x.ko' }, bytes]]) : bytes);
      }),
      { numRuns: 60 },
    );
  });
});
