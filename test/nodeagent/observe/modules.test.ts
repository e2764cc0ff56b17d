import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModules } from '../../../nodeagent/observe/modules.ts';
import { isKnown } from '../../../schemas/node/observed.ts';

describe('parseModules', () => {
  it('tells name, state, users and taints, by name', () => {
    const text = `nf_nat 57344 2 xt_nat,xt_MASQUERADE, Live 0xffffffffc0a8b000
igb_uio 20480 0 - Live 0x0000000000000000 (OE)
mpin_user 16384 0 - Loading 0x0000000000000000 (OE+)
nvme 49152 0 - Unloading 0x0000000000000000 (-)
unix 32768 9 [permanent],xt_nat, Live 0x0000000000000000
`;
    expect(parseModules(text)).toEqual([
      { name: 'igb_uio', state: 'live', inUse: 'no', usedBy: [], taints: 'OE' },
      { name: 'mpin_user', state: 'loading', inUse: 'no', usedBy: [], taints: 'OE' },
      { name: 'nf_nat', state: 'live', inUse: 'yes', usedBy: ['xt_MASQUERADE', 'xt_nat'] },
      { name: 'nvme', state: 'unloading', inUse: 'no', usedBy: [] },
      { name: 'unix', state: 'live', inUse: 'yes', usedBy: ['xt_nat'] },
    ]);
  });

  it('counts a module as in use where the kernel cannot unload any', () => {
    expect(parseModules('loop 4096 - - Live 0x0\n')).toMatchObject([{ inUse: 'yes', usedBy: [] }]);
  });

  it('knows of no module where there is none', () => {
    expect(parseModules('')).toEqual([]);
  });

  it('hides no module behind a line that it cannot read', () => {
    expect(parseModules('loop 4096 0 - Live 0x0\nwekafsio\n')).toEqual({
      unknown: '/proc/modules has a line that is no module: "wekafsio".',
    });
  });

  it('lets no name through that could be a path', () => {
    const names = fc.string({ unit: 'binary' }).filter((name) => /[^\w-]/.test(name));
    fc.assert(
      fc.property(names, (name) => {
        const modules = parseModules(`${name} 1 0 - Live 0x0\n`);
        const found = isKnown(modules) ? modules.map((each) => each.name) : [];
        expect(found.filter((each) => !/^[\w-]+$/.test(each))).toEqual([]);
      }),
    );
  });
});
