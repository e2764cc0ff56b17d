import { describe, expect, it } from 'vitest';
import { parseCpuInfo, parseSmtControl, threadsPerCore } from '../../../nodeagent/observe/cpu-info.ts';

const GUEST = `processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 167
model name	: Intel(R) Xeon(R) Processor
cpu MHz		: 2600.000
physical id	: 0
siblings	: 2
core id		: 0
cpu cores	: 2
flags		: fpu vme sse2 ht pdpe1gb sse4_2 aes avx hypervisor avx2 avx512f amx_int8
bugs		: spectre_v1 spectre_v2
power management:

processor	: 1
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Processor
physical id	: 0
siblings	: 2
core id		: 1
cpu cores	: 2
flags		: fpu vme sse2 ht pdpe1gb sse4_2 aes avx hypervisor avx2 avx512f amx_int8

`;

const GRAVITON = `processor	: 0
BogoMIPS	: 2100.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd40

`;

describe('parseCpuInfo', () => {
  it('counts threads, cores and sockets, and names the features that matter', () => {
    expect(parseCpuInfo(GUEST)).toEqual({
      threads: 2,
      cores: 2,
      sockets: 1,
      vendor: 'GenuineIntel',
      model: 'Intel(R) Xeon(R) Processor',
      features: ['aes', 'avx', 'avx2', 'avx512f', 'hypervisor', 'pdpe1gb', 'sse4_2'],
    });
  });

  it('does not count cores where the kernel does not say where a CPU is', () => {
    const unplaced = { unknown: '/proc/cpuinfo does not say which core a CPU belongs to.' };
    expect(parseCpuInfo(GRAVITON)).toEqual({
      threads: 1,
      cores: unplaced,
      sockets: unplaced,
      vendor: '0x41',
      model: '0xd40',
      features: ['aes', 'asimd'],
    });
  });

  it('says so where no processor is named', () => {
    expect(parseCpuInfo('')).toEqual({ unknown: '/proc/cpuinfo names no processor.' });
  });
});

describe('hyper-threading', () => {
  it.each([
    ['on\n', 'on'],
    ['off\n', 'off'],
    ['forceoff\n', 'off'],
    ['notsupported\n', 'unsupported'],
    ['4\n', 'on'],
    ['1\n', 'off'],
  ])('is told of %j as %s', (text, answer) => {
    expect(parseSmtControl(text)).toBe(answer);
  });

  it.each(['notimplemented\n', '', 'maybe'])('is unknown where the kernel says %j', (text) => {
    expect(parseSmtControl(text)).toHaveProperty('unknown');
  });

  it('is told by the first processor on kernels without a file for it', () => {
    expect(threadsPerCore(GUEST)).toBe('off');
    expect(threadsPerCore(GUEST.replace('cpu cores	: 2', 'cpu cores	: 1'))).toBe('on');
    expect(threadsPerCore(GRAVITON)).toHaveProperty('unknown');
  });
});
