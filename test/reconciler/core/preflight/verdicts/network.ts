import { aPod, client, cluster } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';
import { aDevice, type Observed } from '../fleet.ts';
import { UNKNOWN } from './parts.ts';

/** What checks say of devices and ports. */
export const NETWORK = {
  'network-devices': [
    ['pass: eth1 at 100 Gbit/s', {}],
    ['pass: eth1', { seen: { networkInterfaces: [aDevice({ speedMbps: UNKNOWN })] } }],
    [
      'pass: bond0 at 200 Gbit/s',
      {
        seen: {
          networkInterfaces: [
            aDevice({ addresses: [] }),
            {
              ...aDevice({ name: 'bond0', speedMbps: 200_000, lower: ['eth1'] }),
              driver: undefined,
              pciAddress: undefined,
            },
          ] as Observed['networkInterfaces'],
        },
      },
    ],
    [
      'fail: no device that is up and has an address, needs one such device',
      { seen: { networkInterfaces: [aDevice({ link: 'down' })] } },
    ],
    [
      'fail: no mlx0, but eth1, needs the devices mlx0',
      { manifests: cluster('{ network: { ethDevice: mlx0 } }') },
    ],
    [
      'fail: eth1 down, needs links that are up',
      {
        seen: { networkInterfaces: [aDevice({ link: 'down' })] },
        manifests: cluster('{ network: { ethDevices: [eth1] } }'),
      },
    ],
    [
      'pass: eth1 at 100 Gbit/s',
      {
        seen: { networkInterfaces: [aDevice({ addresses: [] })] },
        manifests: cluster('{ network: { ethDevice: eth1 } }'),
      },
    ],
    ['unknown: The file cannot be read.', { seen: { networkInterfaces: UNKNOWN } }],
    ['unknown: The file cannot be read.', { seen: { networkInterfaces: [aDevice({ link: UNKNOWN })] } }],
    [
      'unknown: The file cannot be read.',
      {
        seen: { networkInterfaces: [aDevice({ link: UNKNOWN })] },
        manifests: cluster('{ network: { ethDevice: eth1 } }'),
      },
    ],
    [
      'unknown: The file cannot be read.',
      {
        seen: { networkInterfaces: [aDevice(), aDevice({ name: 'eth2', link: UNKNOWN })] },
        manifests: cluster('{ network: { ethDevices: [eth1, eth2] } }'),
      },
    ],
    [
      'fail: eth1 down, needs links that are up',
      {
        seen: { networkInterfaces: [aDevice({ link: 'down' }), aDevice({ name: 'eth2', link: UNKNOWN })] },
        manifests: cluster('{ network: { ethDevices: [eth1, eth2] } }'),
      },
    ],
    // One that nobody names is left alone.
    [
      'pass: eth1 at 100 Gbit/s',
      { seen: { networkInterfaces: [aDevice(), aDevice({ name: 'eth2', link: UNKNOWN })] } },
    ],
  ],
  'network-mtu': [
    ['pass: eth1 9000', {}],
    ['pass: eth1 8000', { seen: { networkInterfaces: [aDevice({ mtu: 8000 })] } }],
    [
      'warn: eth1 7999, needs an MTU of at least 8000',
      { seen: { networkInterfaces: [aDevice({ mtu: 7999 })] } },
    ],
    [
      'pass: ib0 4000',
      { seen: { networkInterfaces: [aDevice({ name: 'ib0', kind: 'infiniband', mtu: 4000 })] } },
    ],
    [
      'warn: ib0 2044, needs an MTU of at least 4000 on InfiniBand',
      { seen: { networkInterfaces: [aDevice({ name: 'ib0', kind: 'infiniband', mtu: 2044 })] } },
    ],
    [
      'pass: eth0 1500, eth1 9000',
      { seen: { networkInterfaces: [aDevice({ name: 'eth0', mtu: 1500 }), aDevice()] } },
    ],
    [
      'warn: eth0 1500, needs an MTU of at least 8000',
      {
        seen: { networkInterfaces: [aDevice({ name: 'eth0', mtu: 1500 }), aDevice()] },
        manifests: cluster('{ network: { ethDevices: [eth0, eth1] } }'),
      },
    ],
    [
      'not concerned',
      {
        seen: { networkInterfaces: [aDevice({ mtu: 1500 })] },
        manifests: client('{ network: { udpMode: true } }'),
      },
    ],
    ['unknown: The file cannot be read.', { seen: { networkInterfaces: [aDevice({ mtu: UNKNOWN })] } }],
    ['unknown: The file cannot be read.', { seen: { networkInterfaces: UNKNOWN } }],
  ],
  'host-ports': [
    ['pass: free', { beside: [aPod('web', { hostPorts: [80, 443] })] }],
    [
      'pass: free',
      { beside: [aPod('dist', { hostPorts: [60_002], labels: { 'weka.io/mode': 'drivers-dist' } })] },
    ],
    [
      'warn: taken: 60001 by weka/web, 60002 by weka/web, needs ports 8090, 13000, 14611, 60001, 60002, 60039, 60040',
      { beside: [aPod('web', { hostPorts: [60_001, 60_002] })] },
    ],
  ],
} as const satisfies Verdicts;
