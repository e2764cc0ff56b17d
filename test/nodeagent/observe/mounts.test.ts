import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mountOf, parseMountInfo } from '../../../nodeagent/observe/mounts.ts';

const TABLE = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 8:2 / /opt rw,noatime shared:9 master:1 propagate_from:2 - xfs /dev/sdb1 rw
41 27 8:3 / /opt rw,noatime - btrfs /dev/sdc1 rw
42 27 8:4 / /opt/k8s rw - ext4 /dev/sdd1 rw
`;

/** A field as the kernel writes it. */
function escaped(field: string): string {
  return field.replaceAll(/[\s\\#]/g, (character) =>
    character.codePointAt(0)! < 128
      ? `\\${character.codePointAt(0)!.toString(8).padStart(3, '0')}`
      : character,
  );
}

describe('the mount of a folder', () => {
  it.each([
    ['/', 'ext4'],
    ['/root/k8s-weka', 'ext4'],
    ['/opt', 'btrfs'],
    ['/opt/k8s-weka', 'btrfs'],
    ['/opt/k8s/weka', 'ext4'],
    ['/procession', 'ext4'],
  ])('of %s is the innermost and last: %s', (folder, fileSystem) => {
    expect(mountOf(folder, parseMountInfo(TABLE))?.fileSystem).toBe(fileSystem);
  });

  it('is none where no mount holds it', () => {
    expect(mountOf('/opt', parseMountInfo('22 27 0:21 / /proc rw - proc proc rw\n'))).toBeUndefined();
  });

  it('is found by any name that a mount can have', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !text.includes('/') && text !== '-');
    fc.assert(
      fc.property(name, name, (folder, type) => {
        const text = `${TABLE}50 27 8:5 / /mnt/${escaped(folder)} rw shared:1 - ${escaped(type)} ${escaped('a b')} rw\n`;
        expect(mountOf(`/mnt/${folder}/x`, parseMountInfo(text))).toEqual({
          mountPoint: `/mnt/${folder}`,
          fileSystem: type,
        });
        expect(mountOf('/opt', parseMountInfo(text))?.fileSystem).toBe('btrfs');
      }),
    );
  });
});
