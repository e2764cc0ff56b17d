import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { parseBuildId } from '../../../nodeagent/observe/build-id.ts';
import { parseBuiltIn, parseModulesDep } from '../../../nodeagent/observe/modules-dep.ts';

describe('the list of the modules of a kernel', () => {
  const files = parseModulesDep(
    [
      'kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/pci/vfio-pci-core.ko.xz kernel/drivers/vfio/vfio.ko.xz',
      'kernel/drivers/uio/uio.ko.zst:',
      'no module',
      '',
    ].join('\n'),
  );

  it('has the files of a module in the order in which they are loaded', () => {
    expect(files.filesOf('vfio_pci')).toEqual([
      'kernel/drivers/vfio/vfio.ko.xz',
      'kernel/drivers/vfio/pci/vfio-pci-core.ko.xz',
      'kernel/drivers/vfio/pci/vfio-pci.ko.xz',
    ]);
    expect(files.filesOf('uio')).toEqual(['kernel/drivers/uio/uio.ko.zst']);
  });

  it('has nothing of a module that there is not', () => {
    expect(files.filesOf('igb_uio')).toBeUndefined();
    expect(files.filesOf('constructor')).toBeUndefined();
  });

  it('tells what is part of the kernel itself', () => {
    expect([...parseBuiltIn('kernel/lib/a-b.ko\nkernel/c.ko\n')]).toEqual(['a_b', 'c']);
  });
});

describe('the build id in notes', () => {
  const note = (name: string, type: number, content: string) => {
    const words = Buffer.alloc(12);
    [name.length + 1, content.length / 2, type].forEach((word, index) =>
      words.writeUInt32LE(word, index * 4),
    );
    const padded = Buffer.alloc(Math.ceil((name.length + 1) / 4) * 4);
    padded.write(name);
    const bytes = Buffer.from(content, 'hex');
    return Buffer.concat([words, padded, bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  };

  it('is found among others', () => {
    expect(
      parseBuildId(
        Buffer.concat([note('Linux', 3, 'aabbcc'), note('GNU', 1, '01020304'), note('GNU', 3, 'd35ba78d')]),
      ),
    ).toBe('d35ba78d');
  });

  it('is none where there is none, or the notes are cut off', () => {
    expect(parseBuildId(note('Linux', 3, 'aabbcc'))).toBeUndefined();
    expect(parseBuildId(note('GNU', 3, 'd35ba78d').subarray(0, 18))).toBeUndefined();
    expect(parseBuildId(Buffer.alloc(7))).toBeUndefined();
    expect(parseBuildId(Buffer.alloc(32, 0xff))).toBeUndefined();
    expect(parseBuildId(Buffer.from([0, 0, 0, 0x80, ...Buffer.alloc(28)]))).toBeUndefined();
  });
});
