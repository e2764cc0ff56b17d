import { aPod, cluster } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';
import { UNKNOWN, loaded, drivePod } from './parts.ts';

/** What checks say of what drivers need. */
export const DRIVERS = {
  'kernel-headers': [
    ['pass: headers of 6.8.0-45-generic', {}],
    [
      'warn: no headers, needs headers of 6.8.0-45-generic, if drivers are built here',
      { seen: { headers: [] } },
    ],
    [
      'fail: headers of 6.8.0-40-generic, needs headers of 6.8.0-45-generic',
      {
        seen: { headers: ['6.8.0-40-generic'] },
        manifests: `${cluster()}---\napiVersion: weka.weka.io/v1alpha1\nkind: WekaPolicy\nmetadata: { name: drivers, namespace: weka }\nspec: { type: enable-local-drivers-distribution, payload: { driverDistPayload: {} } }\n`,
      },
    ],
    [
      'not concerned',
      { seen: { headers: [] }, manifests: cluster('{ driversDistService: "https://drivers.weka.io" }') },
    ],
    ['not concerned', { seen: { headers: [], os: { id: 'cos' } } }],
    ['unknown: The file cannot be read.', { seen: { headers: UNKNOWN } }],
    ['unknown: The file cannot be read.', { seen: { kernel: UNKNOWN } }],
    ['unknown: No agent runs on the node.', { silent: true }],
  ],
  'module-loading': [
    ['pass: allowed', {}],
    ['fail: disabled, needs loading of modules allowed', { seen: { moduleLoading: 'disabled' } }],
    [
      "fail: disabled, with WEKA's modules loaded, needs loading of modules allowed",
      { seen: { moduleLoading: 'disabled', modules: [loaded('wekafsio')] } },
    ],
    ['unknown: The file cannot be read.', { seen: { moduleLoading: UNKNOWN } }],
  ],
  'module-signatures': [
    ['pass: unsigned modules taken', {}],
    ['pass: unsigned modules taken, Secure Boot on', { seen: { secureBoot: 'on' } }],
    [
      'fail: lockdown integrity, Secure Boot on, needs no lockdown, and signatures not enforced',
      { seen: { secureBoot: 'on', lockdown: 'integrity' } },
    ],
    [
      'fail: signatures enforced, needs no lockdown, and signatures not enforced',
      { seen: { moduleSignatures: 'enforced' } },
    ],
    [
      'fail: signatures enforced, needs no lockdown, and signatures not enforced',
      { seen: { moduleSignatures: 'enforced', lockdown: UNKNOWN } },
    ],
    [
      "pass: signed modules only, and WEKA's are loaded",
      { seen: { moduleSignatures: 'enforced', modules: [loaded('wekafsio')] } },
    ],
    ['unknown: The file cannot be read.', { seen: { lockdown: UNKNOWN } }],
    ['unknown: The file cannot be read.', { seen: { moduleSignatures: UNKNOWN } }],
  ],
  'weka-modules': [
    ['pass: none loaded', { seen: { modules: [loaded('mlx5_core')] } }],
    ['pass: wekafsio', { seen: { modules: [loaded('wekafsio')] }, beside: [drivePod] }],
    [
      'warn: wekafsio, and no container of WEKA, needs none loaded before WEKA is there',
      { seen: { modules: [loaded('wekafsio')] } },
    ],
    [
      'warn: wekafsio 4.4.100, needs version 4.4.10',
      {
        seen: { modules: [loaded('wekafsio', '4.4.100'), loaded('igb_uio', '1.0.2')] },
        beside: [drivePod],
        manifests: cluster(),
      },
    ],
    [
      'pass: wekafsio',
      { seen: { modules: [loaded('wekafsio', '4.4.10-abc')] }, beside: [drivePod], manifests: cluster() },
    ],
    ['unknown: The file cannot be read.', { seen: { modules: UNKNOWN } }],
  ],
  'weka-mounts': [
    ['pass: none', {}],
    ['pass: none', { seen: { wekaMounts: [{ interface: '', active: 0 }] } }],
    [
      'pass: 3 mounts, served by a container',
      {
        seen: { wekaMounts: [{ interface: 'a', active: 3 }] },
        beside: [aPod('mounts-node-a', { labels: { 'weka.io/mode': 'client' } })],
      },
    ],
    [
      'warn: 1 mount, and no container that serves mounts, needs none',
      { seen: { wekaMounts: [{ interface: '', active: 1 }] }, beside: [drivePod] },
    ],
    ['unknown: The file cannot be read.', { seen: { wekaMounts: [{ interface: '', active: UNKNOWN }] } }],
    ['unknown: The file cannot be read.', { seen: { wekaMounts: UNKNOWN } }],
  ],
} as const satisfies Verdicts;
