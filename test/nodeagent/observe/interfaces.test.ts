import { describe, expect, it } from 'vitest';
import { interfaceAddresses } from '../../../nodeagent/observe/addresses.ts';
import { interfaceKind, neighbours } from '../../../nodeagent/observe/interfaces.ts';

it('finds the neighbours of an interface among its files', () => {
  const files = ['address', 'lower_eth1', 'lower_eth0', 'upper_bond0.7', 'queues', 'lower', 'upper_'];
  expect(neighbours(files)).toEqual({ lower: ['eth0', 'eth1'], upper: ['', 'bond0.7'] });
});

it.each([
  [1, 'ethernet'],
  [32, 'infiniband'],
  [772, 'other'],
])('calls interfaces of type %d %s', (type, kind) => {
  expect(interfaceKind(type)).toBe(kind);
});

describe('interfaceAddresses', () => {
  it('gathers the labels of an interface, in order, without what is link-local', () => {
    const at = (cidr: string) => ({ address: cidr.split('/')[0]!, cidr });
    const found = interfaceAddresses({
      eth0: [at('10.0.0.9/24'), at('fe80::1/64'), at('fd00::2/64')],
      'eth0:vip': [at('10.0.0.10/32'), at('10.0.0.9/24')],
      eth1: [at('169.254.7.7/16')],
    });
    expect(Object.fromEntries(found)).toEqual({
      eth0: ['10.0.0.10/32', '10.0.0.9/24', 'fd00::2/64'],
      eth1: [],
    });
  });
});
