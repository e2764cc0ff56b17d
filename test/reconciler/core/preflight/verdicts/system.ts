import { client } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';

/** What checks say of what a node is. */
export const SYSTEM = {
  'node-in-service': [
    ['pass: ready', {}],
    ['fail: is not ready, needs a node that is ready and takes pods', { node: { ready: false } }],
    [
      'warn: is cordoned, needs a node that is ready and takes pods',
      { node: { spec: { unschedulable: true } } },
    ],
  ],
  'node-agent': [
    ['pass: agent 0.1.0', {}],
    ['unknown: No agent runs on the node.', { silent: true }],
    ['unknown: The node is not ready, so what its agent reported may be over.', { node: { ready: false } }],
  ],
  architecture: [
    ['pass: amd64', {}],
    ['fail: arm64, needs amd64', { node: { info: { architecture: 'arm64' } } }],
    [
      'warn: arm64, needs amd64, or an image of WEKA that is built for arm64',
      { node: { info: { architecture: 'arm64' } }, manifests: client('{ coresNum: 1 }') },
    ],
    ['fail: s390x, needs amd64', { node: { info: { architecture: 's390x' } }, manifests: client() }],
    ['unknown: The node does not say what it is.', { node: { info: { architecture: '' } } }],
  ],
  'operating-system': [
    ['pass: Ubuntu 24.04 LTS', {}],
    [
      'pass: Rocky Linux 9.4 (Blue Onyx)',
      { silent: true, node: { info: { osImage: 'Rocky Linux 9.4 (Blue Onyx)' } } },
    ],
    [
      'pass: Red Hat Enterprise Linux CoreOS 418.94',
      {
        seen: { os: { id: 'rhel', variantId: 'coreos' } },
        node: { info: { osImage: 'Red Hat Enterprise Linux CoreOS 418.94' } },
      },
    ],
    [
      'warn: Talos (v1.9.0), needs one of ubuntu, debian, rhel, centos, rocky, almalinux, fedora, amzn, sles, opensuse-leap, rhcos, cos, nixos',
      { silent: true, node: { info: { osImage: 'Talos (v1.9.0)' } } },
    ],
    [
      'unknown: The node does not say which system it runs.',
      { silent: true, node: { info: { osImage: '' } } },
    ],
  ],
  'kernel-version': [
    ['pass: 6.8.0-45-generic', {}],
    ['pass: 5.10.0-35-amd64', { node: { info: { kernelVersion: '5.10.0-35-amd64' } } }],
    [
      'warn: 5.4.0-150-generic, needs 5.10 or later',
      { node: { info: { kernelVersion: '5.4.0-150-generic' } } },
    ],
    [
      'warn: 4.18.0-553.el8.x86_64, needs 5.10 or later',
      { node: { info: { kernelVersion: '4.18.0-553.el8.x86_64' } } },
    ],
    [
      'unknown: The kernel calls itself custom, which is no version.',
      { node: { info: { kernelVersion: 'custom' } } },
    ],
    ['unknown: The node does not say which kernel it runs.', { node: { info: { kernelVersion: '' } } }],
  ],
} as const satisfies Verdicts;
