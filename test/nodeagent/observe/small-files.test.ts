import { describe, expect, it } from 'vitest';
import { parseCpuManagerState } from '../../../nodeagent/observe/cpu-manager.ts';
import { parseMemTotal } from '../../../nodeagent/observe/mem-info.ts';
import { numberFrom, yesNo } from '../../../nodeagent/observe/number.ts';
import { pciAddressOf, pciId } from '../../../nodeagent/observe/pci.ts';
import { parseLockdown, parseSecureBoot } from '../../../nodeagent/observe/security.ts';
import { parseActiveMounts } from '../../../nodeagent/observe/weka-mounts.ts';

describe('lockdown and Secure Boot', () => {
  it.each(['none', 'integrity', 'confidentiality'] as const)('read %s', (mode) => {
    const text = 'none integrity confidentiality\n'.replace(mode, `[${mode}]`);
    expect(parseLockdown(text)).toBe(mode);
  });

  it('take no word that they do not know for an answer', () => {
    expect(parseLockdown('[full]\n')).toHaveProperty('unknown');
    expect(parseLockdown('none\n')).toHaveProperty('unknown');
  });

  it('read the variable of the firmware, and nothing that only resembles it', () => {
    expect(parseSecureBoot(Uint8Array.of(6, 0, 0, 0, 1))).toBe('on');
    expect(parseSecureBoot(Uint8Array.of(22, 0, 0, 0, 0))).toBe('off');
    for (const odd of [[], [1], [6, 0, 0, 0, 2], [6, 0, 0, 0, 1, 0]]) {
      expect(parseSecureBoot(Uint8Array.from(odd))).toHaveProperty('unknown');
    }
  });
});

describe('memory', () => {
  it.each([
    ['MemTotal:       24684084 kB\nMemFree: 1 kB\n', 24105],
    ['Node 0 MemTotal:       23161036 kB\nNode 0 MemFree:  1 kB\n', 22618],
  ])('of %j is %d MiB', (text, miB) => {
    expect(parseMemTotal(text)).toBe(miB);
  });

  it('is unknown where it is not told', () => {
    expect(parseMemTotal('NotMemTotal: 1 kB\n')).toEqual({ unknown: 'meminfo has no MemTotal.' });
  });
});

describe('active mounts', () => {
  it('are counted by the line of the driver', () => {
    expect(parseActiveMounts('Container=c1\nConnected frontend\nActive mounts: 2\nInodes: 9\n')).toBe(2);
    expect(parseActiveMounts('Active mounts: 0\n')).toBe(0);
  });

  it('are not none where the driver does not tell them', () => {
    expect(parseActiveMounts('')).toHaveProperty('unknown');
    expect(parseActiveMounts('Active mounts: few\n')).toHaveProperty('unknown');
  });
});

describe("kubelet's CPU manager", () => {
  it('is read by policy and shared CPUs, without its pods', () => {
    const none = '{"policyName":"none","defaultCpuSet":"","checksum":1353318690}';
    const own = '{"policyName":"static","defaultCpuSet":"0,2-7","entries":{"uid":{"c":"1"}},"checksum":1}';
    expect(parseCpuManagerState(none)).toEqual({ policy: 'none', sharedCpus: '' });
    expect(parseCpuManagerState(own)).toEqual({ policy: 'static', sharedCpus: '0,2-7' });
  });

  it.each(['', '{', 'null', '[]', '{"policyName":"static"}', '{"policyName":1,"defaultCpuSet":"0"}'])(
    'is unknown where its file holds %j',
    (text) => {
      expect(parseCpuManagerState(text)).toHaveProperty('unknown');
    },
  );
});

describe('numbers and switches of the kernel', () => {
  it('are whole and within bounds, or unknown', () => {
    expect(numberFrom(1, '25000\n')).toBe(25000);
    expect(numberFrom(1, '-1\n')).toEqual({ unknown: 'The kernel does not know it: it says -1.' });
    expect(numberFrom(0, '')).toEqual({ unknown: '"" is no whole number.' });
    expect(numberFrom(0, '0x10')).toHaveProperty('unknown');
    expect(numberFrom(0, '99999999999999999999')).toHaveProperty('unknown');
  });

  it('are yes or no, or unknown', () => {
    expect(['Y\n', '1\n', 'N\n', '0\n'].map(yesNo)).toEqual(['yes', 'yes', 'no', 'no']);
    expect(yesNo('y')).toHaveProperty('unknown');
  });
});

describe('PCI', () => {
  it('has the address of the device itself, not of the bridges before it', () => {
    expect(pciAddressOf('/sys/devices/pci0000:00/0000:00:03.0/0000:3b:00.1/net/eth2')).toBe('0000:3b:00.1');
    expect(pciAddressOf('/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth0')).toBe('0000:00:03.0');
    expect(pciAddressOf('/sys/devices/virtual/net/lo')).toBeUndefined();
  });

  it('has an id of vendor and device', () => {
    expect(pciId('0x15b3\n', '0x101d\n')).toBe('15b3:101d');
    expect(pciId('15b3', '0x101d')).toBeUndefined();
  });
});
