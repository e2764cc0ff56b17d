import { readdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readVendorModules } from '../../../nodeagent/build/vendor-modules.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { zip } from '../../weka/driver-cli/zip.ts';
import { kernelModule } from '../drivers/kernel-module.ts';

const KERNEL = '6.1.0-40-cloud-amd64';
const MAGIC = `${KERNEL} SMP preempt mod_unload modversions `;

const WEKAFSIO = kernelModule({
  info: ['name=wekafsio', 'version=4.4.5', 'srcversion=ABC', 'depends=wekafsgw', `vermagic=${MAGIC}`],
  buildId: '0a0b0c0d',
  isSigned: true,
  bytes: 700_000,
});

describe('readVendorModules', () => {
  it.each([true, false])('tells what each module says of itself, packed: %s', async (isPacked) => {
    const entries = [
      { name: 'README', content: Buffer.from('hello') },
      { name: 'drivers/wekafsio.ko', content: WEKAFSIO },
    ];
    expect(await read(zip(entries, { isPacked }))).toEqual({
      modules: [
        {
          file: '0.ko',
          name: 'wekafsio',
          architecture: 'x86_64',
          version: '4.4.5',
          srcversion: 'ABC',
          depends: ['wekafsgw'],
          vermagic: MAGIC,
          buildId: '0a0b0c0d',
          isSigned: true,
          sha256: createHash('sha256').update(WEKAFSIO).digest('hex'),
        },
      ],
    });
  });

  const well = zip([{ name: 'wekafsio.ko', content: WEKAFSIO }]);
  const directory = well.readUInt32LE(well.length - 6);
  const changed = (at: number, bytes: readonly number[]) => {
    const copy = Buffer.from(well);
    bytes.forEach((byte, index) => (copy[at + index] = byte));
    return copy;
  };
  it.each([
    ['nothing', Buffer.alloc(0), 'it is no .zip, or has no end'],
    ['something else', Buffer.from('no archive'.repeat(100)), 'it is no .zip, or has no end'],
    ['one that is cut off', well.subarray(0, -100), 'it is no .zip, or has no end'],
    ['one that lost its beginning', well.subarray(1000), 'it is cut off'],
    ['a directory elsewhere', changed(well.length - 6, [0, 0, 0, 0]), 'its directory is broken'],
    ['a directory of nothing', changed(directory, [0]), 'its directory is broken'],
    [
      'a directory without end',
      changed(well.length - 10, [255, 255, 255, 255]),
      'its directory is too large',
    ],
    ['names beyond the directory', changed(directory + 28, [255, 255]), 'its directory is broken'],
    ['encrypted files', changed(directory + 8, [1]), 'it is packed in a way that is not known'],
    ['an unknown way of packing', changed(directory + 10, [99]), 'it is packed in a way that is not known'],
    ['a file of a size that is elsewhere', changed(directory + 24, [255, 255, 255, 255]), 'it is too large'],
    ['a file that is nowhere', changed(directory + 42, [7]), 'wekafsio.ko is not where its directory says'],
    [
      'more than it says',
      changed(directory + 24, [1, 0, 0, 0]),
      'wekafsio.ko is longer than its directory says',
    ],
    ['broken bytes', changed(60, [255, 255, 255, 255, 255, 255]), 'wekafsio.ko is broken'],
    [
      'a file that is no module',
      zip([{ name: 'a.ko', content: Buffer.alloc(9) }]),
      'the header of an ELF file is cut off',
    ],
  ])('says why it cannot look into %s', async (_what, bytes, why) => {
    expect(await read(bytes)).toEqual({ why: `weka-driver-a-b.zip cannot be looked at: ${why}` });
  });

  it('says that there is no module', async () => {
    expect(await read(zip([{ name: 'wekafsio.ko.xz', content: WEKAFSIO }]))).toEqual({
      why: 'weka-driver-a-b.zip has no kernel module that can be looked at',
    });
  });
});

/** Nothing of the look is left on the disk. */
async function read(bytes: Buffer) {
  const folder = await scratchFolder();
  const path = join(folder, 'weka-driver-a-b.zip');
  await writeFile(path, bytes);
  try {
    return await readVendorModules(path, folder);
  } finally {
    expect(await readdir(folder)).toEqual(['weka-driver-a-b.zip']);
  }
}
