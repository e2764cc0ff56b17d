import { aNode, aPod, client, cluster } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';

/** What checks say of the cluster as a whole. */
export const CLUSTER = {
  manifests: [
    ['not concerned', {}],
    ['pass: no errors', { manifests: client(), manifestErrors: 0 }],
    [
      'unknown: The manifests have 1 error, and what is broken asks for nothing here.',
      { manifests: client(), manifestErrors: 1 },
    ],
  ],
  'kubernetes-version': [
    ['pass: v1.32.0', { traits: { version: 'v1.32.0' } }],
    ['pass: v1.100.0+k3s1', { traits: { version: 'v1.100.0+k3s1' } }],
    ['fail: v1.31.9, needs 1.32 or later', { traits: { version: 'v1.31.9' } }],
    ['fail: v1.4.0, needs 1.32 or later', { traits: { version: 'v1.4.0' } }],
    ['pass: kubelets up to v1.36.3', {}],
    [
      'unknown: Nothing tells the version of the API server, and the newest kubelet is v1.9.6.',
      { node: { info: { kubeletVersion: 'v1.9.6' } } },
    ],
    [
      'unknown: Nothing tells the version of the API server, and no kubelet tells its version.',
      { node: { info: { kubeletVersion: 'latest' } }, traits: { version: 'devel' } },
    ],
  ],
  'nodes-for-roles': [
    ['not concerned', {}],
    ['pass: 1 node for client mounts', { manifests: client() }],
    [
      'fail: 1 node for compute of demo and 1 node for drive of demo, needs 5 nodes for compute of demo and 5 nodes for drive of demo',
      { manifests: cluster('{ dynamicTemplate: { driveContainers: 5, computeContainers: 5 } }') },
    ],
    [
      'fail: no node for client mounts, needs 1 node for client mounts',
      { manifests: client('{ nodeSelector: { weka: client } }') },
    ],
  ],
  'pod-network': [
    ['pass: nodes are ready with it', {}],
    ['pass: Calico, Cilium', { beside: [aPod('cilium-x7k2p'), aPod('calico-node-1')] }],
    [
      'fail: no node is ready, and no pod of a known network plugin is there, needs a network plugin (CNI)',
      { node: { ready: false } },
    ],
  ],
  'privileged-pods': [
    ['not concerned', {}],
    ['pass: weka', { namespaces: ['weka'], traits: { podSecurity: new Map([['weka', 'privileged']]) } }],
    ['pass: weka', { namespaces: ['weka'], traits: { podSecurity: new Map([['weka', '']]) } }],
    [
      'fail: weka takes baseline pods only, needs privileged pods',
      { namespaces: ['weka'], traits: { podSecurity: new Map([['weka', 'baseline']]) } },
    ],
    ['unknown: What pods weka takes is not told: no Namespace was read.', { namespaces: ['weka'] }],
  ],
  'nodes-alike': [
    ['pass: Ubuntu 24.04 LTS, 6.8.0-45-generic', { beside: [aNode('node-b')] }],
    [
      'warn: 2 kernels: 6.8.0-45-generic on 2, 5.15.0-1064-aws on 1, needs nodes that are alike',
      { beside: [aNode('node-b'), aNode('node-c', { info: { kernelVersion: '5.15.0-1064-aws' } })] },
    ],
  ],
} as const satisfies Verdicts;
