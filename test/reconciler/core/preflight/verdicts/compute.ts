import { aPod, cluster } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';
import { UNKNOWN, pages } from './parts.ts';

/** What checks say of cores and memory. */
export const COMPUTE = {
  avx2: [
    ['pass: AVX2', {}],
    [
      'fail: QEMU Virtual CPU without AVX2, needs AVX2',
      {
        seen: {
          cpus: {
            threads: 2,
            cores: 2,
            sockets: 1,
            vendor: UNKNOWN,
            model: 'QEMU Virtual CPU',
            features: ['avx'],
          },
        },
      },
    ],
    [
      'fail: no AVX2, needs AVX2',
      { seen: { cpus: { threads: 2, cores: 2, sockets: 1, vendor: UNKNOWN, model: UNKNOWN, features: [] } } },
    ],
    ['not concerned', { node: { info: { architecture: 'arm64' } } }],
    ['unknown: The file cannot be read.', { seen: { cpus: UNKNOWN } }],
  ],
  'cpu-manager': [
    ['pass: static', {}],
    ['fail: policy none, needs policy static', { seen: { cpuManager: { policy: 'none', sharedCpus: '' } } }],
    [
      'not concerned',
      {
        seen: { cpuManager: { policy: 'none', sharedCpus: '' } },
        manifests: cluster('{ cpuPolicy: shared }'),
      },
    ],
    ['unknown: The file cannot be read.', { seen: { cpuManager: UNKNOWN } }],
    ['unknown: No agent runs on the node.', { silent: true }],
  ],
  'cpu-cores': [
    ['pass: 16 cores free of 16 cores, without hyper-threading', {}],
    ['pass: 2 cores free of 2 cores, without hyper-threading', { node: { has: { cpu: '2' } } }],
    [
      'fail: 2 cores free of 2 cores, with hyper-threading, needs 3 cores for any container of one core',
      { node: { has: { cpu: '2' } }, seen: { hyperThreading: 'on' } },
    ],
    [
      'fail: 1.5 cores free of 16 cores, without hyper-threading, needs 2 cores for any container of one core',
      { beside: [aPod('other', { requests: { cpu: '14500m' } })] },
    ],
    ['not concerned', { manifests: cluster('{ cpuPolicy: shared }') }],
  ],
  memory: [
    ['pass: 131,072 MiB free', {}],
    [
      'fail: 8,192 MiB free, needs 11,900 MiB for any container of one core',
      { node: { has: { memory: '8Gi' } } },
    ],
    [
      'fail: 11,000 MiB free once 3,000 MiB of it are set aside as huge pages, needs 11,900 MiB for any container of one core',
      { node: { has: { memory: '14000Mi', 'hugepages-2Mi': '0' } } },
    ],
  ],
  'huge-pages': [
    ['pass: 65,536 MiB set aside, 65,536 MiB of it free, 65,536 MiB offered by the kubelet', {}],
    [
      'fail: none set aside, 0 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: [] }, node: { has: { 'hugepages-2Mi': '0' } } },
    ],
    [
      'fail: 8,000 MiB set aside, 8,000 MiB of it free, 0 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: pages(4000) }, node: { has: { 'hugepages-2Mi': '0' } } },
    ],
    [
      'fail: 8,000 MiB set aside, 1,024 MiB of it free, 8,000 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: pages(4000, 512) }, node: { has: { 'hugepages-2Mi': '8000Mi' } } },
    ],
    [
      'pass: 3,000 MiB offered by the kubelet',
      { silent: true, node: { has: { 'hugepages-2Mi': '3000Mi' } } },
    ],
    [
      'fail: 2,998 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { silent: true, node: { has: { 'hugepages-2Mi': '2998Mi' } } },
    ],
    [
      'fail: 0 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: UNKNOWN }, node: { has: { 'hugepages-2Mi': '0' } } },
    ],
  ],
} as const satisfies Verdicts;
