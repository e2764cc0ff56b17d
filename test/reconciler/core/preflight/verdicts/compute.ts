import { aPod, client, cluster, UNTOLD_THREADS } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';
import { UNKNOWN, pages, pools } from './parts.ts';

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
    // Two cores are enough for one only without hyper-threading.
    [
      'unknown: The file cannot be read.',
      { node: { has: { cpu: '2' }, annotations: UNTOLD_THREADS }, seen: { hyperThreading: UNKNOWN } },
    ],
    [
      'unknown: No agent runs on the node.',
      { silent: true, node: { has: { cpu: '2' }, annotations: UNTOLD_THREADS } },
    ],
    [
      'unknown: No agent runs on the node.',
      {
        silent: true,
        manifests: client('{ coresNum: 2 }'),
        node: { has: { cpu: '4' }, annotations: UNTOLD_THREADS },
      },
    ],
    [
      'pass: 3 cores free of 3 cores',
      { silent: true, node: { has: { cpu: '3' }, annotations: UNTOLD_THREADS } },
    ],
    [
      'fail: 1 core free of 1 core, needs 2 cores for any container of one core',
      { silent: true, node: { has: { cpu: '1' }, annotations: UNTOLD_THREADS } },
    ],
    ['pass: 2 cores free of 2 cores, without hyper-threading', { silent: true, node: { has: { cpu: '2' } } }],
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
    // What is reported of two NUMA nodes may be 62 MiB less for each than is free.
    [
      'pass: 3,200 MiB set aside, 2,880 MiB of it free, 65,536 MiB offered by the kubelet',
      { seen: { hugePages: pools([800, 720], [800, 720]) } },
    ],
    [
      'fail: 3,200 MiB set aside, 2,816 MiB of it free, 65,536 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: pools([800, 704], [800, 704]) } },
    ],
    // Of a pool that is wholly free it is exact.
    [
      'fail: 3,200 MiB set aside, 2,880 MiB of it free, 65,536 MiB offered by the kubelet, needs 3,000 MiB for any container of one core',
      { seen: { hugePages: pools([720, 720], [880, 720]) } },
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
