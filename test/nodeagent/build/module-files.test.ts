import { describe, expect, it } from 'vitest';
import { moduleFiles } from '../../../nodeagent/build/module-files.ts';

const kernel = { release: '6.1.0-40-cloud-amd64', architecture: 'x86_64' };
const aModule = (name: string, more = {}) => ({
  name,
  vermagic: '6.1.0-40-cloud-amd64 SMP preempt mod_unload modversions ',
  architecture: 'x86_64',
  isSigned: false,
  ...more,
});

describe('moduleFiles', () => {
  it('names modules as WEKA does', () => {
    const modules = [
      aModule('igb_uio', { version: 'weka1.0.2' }),
      aModule('mpin_user', { version: '1.0.1' }),
      aModule('wekafsgw', { version: 'of its own' }),
      aModule('wekafsio'),
      aModule('without'),
      aModule('odd', { version: 'a/../b c' }),
    ];
    expect(moduleFiles(modules, { version: '4.4.5.118', kernel })).toEqual([
      'igb_uio-weka1.0.2-6.1.0-40-cloud-amd64.x86_64.ko',
      'mpin_user-1.0.1-6.1.0-40-cloud-amd64.x86_64.ko',
      'weka_driver-wekafsgw-4.4.5.118-6.1.0-40-cloud-amd64.x86_64.ko',
      'weka_driver-wekafsio-4.4.5.118-6.1.0-40-cloud-amd64.x86_64.ko',
      'without-4.4.5.118-6.1.0-40-cloud-amd64.x86_64.ko',
      'odd-a-..-b-c-6.1.0-40-cloud-amd64.x86_64.ko',
    ]);
  });

  it.each([{ vermagic: '6.1.0-41-cloud-amd64 SMP ' }, { vermagic: '' }, { architecture: 'aarch64' }])(
    'refuses a module of another kernel: %j',
    (changed) => {
      const modules = [aModule('wekafsgw', changed)];
      expect(() => moduleFiles(modules, { version: '4.4.5.118', kernel })).toThrow(
        expect.objectContaining({ code: 'WRONG_KERNEL' }),
      );
    },
  );

  it('refuses a module of the kernel that runs where the build is for one that will', () => {
    const coming = { release: '6.1.0-41-cloud-amd64', architecture: 'x86_64', isComing: true } as const;
    expect(() => moduleFiles([aModule('wekafsgw')], { version: '4.4.5.118', kernel: coming })).toThrow(
      'The build gave wekafsgw for kernel 6.1.0-40-cloud-amd64 x86_64, and the build is for 6.1.0-41-cloud-amd64 x86_64.',
    );
  });

  it('refuses two modules of one name', () => {
    const modules = [aModule('wekafsgw'), aModule('wekafsgw')];
    expect(() => moduleFiles(modules, { version: '4.4.5.118', kernel })).toThrow(
      'The sources give two modules of the name wekafsgw.',
    );
  });
});
