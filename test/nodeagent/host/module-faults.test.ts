import { describe, expect, it } from 'vitest';
import { loadFault, unloadFault } from '../../../nodeagent/host/module-faults.ts';

describe('what kmod says of a module', () => {
  const loads: readonly [said: string, code: string, message: RegExp][] = [
    ['Key was rejected by service', 'KEY_REJECTED', /does not trust the key that module wekafsio/],
    ['Required key not available', 'KEY_REJECTED', /does not trust the key/],
    ['Invalid module format', 'LOAD_FAILED', /its file is damaged, or it was built with other symbols/],
    ['Operation not permitted', 'NOT_PERMITTED', /may not load module wekafsio/],
    ['Input/output error', 'LOAD_FAILED', /did not take module wekafsio: Input\/output error\.$/],
    ['Cannot allocate memory', 'LOAD_FAILED', /did not take module wekafsio: Cannot allocate memory\.$/],
    ['Unknown symbol in module, or unknown parameter (see dmesg)', 'LOAD_FAILED', /Unknown symbol in module/],
  ];
  it.each(loads)('means what it is when it loads: %s', (said, code, message) => {
    const fault = loadFault('wekafsio', `insmod: ERROR: could not insert module /var/lib/x/1.ko: ${said}\n`);
    expect(fault).toMatchObject({
      code,
      module: 'wekafsio',
      message: expect.stringMatching(message) as string,
    });
    expect(fault.message).not.toContain('/var/lib');
  });

  it('means what it is when it goes', () => {
    const unloaded = (said: string) => unloadFault('wekafsio', said);
    expect(unloaded('rmmod: ERROR: Module wekafsio is in use by: foreign\n')).toMatchObject({
      state: 'waiting',
      code: 'IN_USE',
    });
    expect(
      unloaded("rmmod: ERROR: could not remove 'wekafsio': Resource temporarily unavailable\n"),
    ).toMatchObject({ code: 'IN_USE' });
    expect(unloaded("rmmod: ERROR: could not remove 'wekafsio': Operation not permitted\n").code).toBe(
      'NOT_PERMITTED',
    );
    expect(unloaded("rmmod: ERROR: could not remove 'wekafsio': Function not implemented\n")).toMatchObject({
      state: 'failed',
      code: 'UNLOAD_FAILED',
      message: 'The kernel did not let module wekafsio go: Function not implemented.',
    });
  });

  it('is nothing where it says nothing', () => {
    expect(loadFault('wekafsio', '').message).toBe(
      'The kernel did not take module wekafsio: it does not say why.',
    );
  });
});
