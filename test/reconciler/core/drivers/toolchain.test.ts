import { describe, expect, it } from 'vitest';
import type { NodeKernel } from '../../../../reconciler/core/drivers/node-kernel.ts';
import { toolchainFor } from '../../../../reconciler/core/drivers/toolchain.ts';
import { Settings } from '../../../../schemas/settings.ts';

const TOOLCHAINS = [
  { os: 'ubuntu', version: '24.', image: 'tools/ubuntu24' },
  { os: 'ubuntu', image: 'tools/ubuntu' },
  { os: 'rhcos', version: '418.94.2025', headersImage: 'toolkit@sha256:ab' },
];

function found(os: NodeKernel['os'], toolchains: readonly object[] = TOOLCHAINS) {
  const { spec } = Settings.parse({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    metadata: { name: 'settings' },
    spec: { drivers: { toolchains } },
  });
  const kernel: NodeKernel = { kernel: '6.8.0', architecture: 'x86_64', os, counts: true };
  const input = { settings: { drivers: spec.drivers } } as Parameters<typeof toolchainFor>[0]['input'];
  return toolchainFor({ input, kernels: new Map([['node-a', kernel]]) }, 'node-a');
}

describe('toolchainFor', () => {
  it.each<[string, NodeKernel['os'], object | undefined]>([
    ['the first that fits', { id: 'ubuntu', versionId: '24.04' }, { image: 'tools/ubuntu24' }],
    ['one for any version', { id: 'ubuntu', versionId: '22.04' }, { image: 'tools/ubuntu' }],
    [
      'one for a build of Red Hat CoreOS',
      { id: 'rhcos', versionId: '4.18', version: '418.94.202501071234-0' },
      { headersImage: 'toolkit@sha256:ab' },
    ],
    [
      'the same where it calls itself a variant of RHEL',
      { id: 'rhel', variantId: 'coreos', versionId: '9.4', version: '418.94.202501071234-0' },
      { headersImage: 'toolkit@sha256:ab' },
    ],
    ['none for another build', { id: 'rhcos', versionId: '4.17', version: '417.94.1' }, undefined],
    ['none for another system', { id: 'debian', versionId: '12' }, undefined],
    ['none for one that nobody knows', undefined, undefined],
  ])('gives %s', (_what, os, toolchain) => {
    expect(found(os)).toEqual(toolchain);
  });
});
