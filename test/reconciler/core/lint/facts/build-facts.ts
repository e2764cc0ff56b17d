import type { Facts } from '../../../../../reconciler/core/facts/facts.ts';
import { parseFacts } from '../../../../../reconciler/core/facts/parse-facts.ts';
import { lint } from '../../../../../reconciler/core/lint/lint.ts';
import { readFiles } from '../../spec/read.ts';

type Texts = Readonly<Record<string, string>>;

export interface NodeOptions {
  readonly labels?: Texts;
  readonly annotations?: Texts;
  /** Beside or instead of 16 cores, 128Gi, 64Gi of huge pages, 500Gi of disk and 2 drives. */
  readonly has?: Texts;
  readonly spec?: object;
  readonly ready?: boolean;
  readonly info?: Texts;
}

/** Nothing tells whether a node has hyper-threading. */
export const UNTOLD_THREADS = { 'weka.io/discovery.json': '' };

/** A node as kubectl prints it, without hyper-threading unless an annotation says otherwise. */
export function aNode(name: string, options: NodeOptions = {}): object {
  const { labels, annotations, has, spec, ready = true, info } = options;
  const allocatable = {
    cpu: '16',
    memory: '128Gi',
    'hugepages-2Mi': '64Gi',
    'ephemeral-storage': '500Gi',
    'weka.io/drives': '2',
    ...has,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name, ...labels },
      annotations: { 'weka.io/discovery.json': '{"is_ht":false}', ...annotations },
    },
    spec: spec ?? {},
    status: {
      allocatable,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      nodeInfo: {
        kernelVersion: '6.8.0-45-generic',
        architecture: 'amd64',
        osImage: 'Ubuntu 24.04 LTS',
        ...info,
      },
    },
  };
}

/** `count` nodes that are alike, called node-a, node-b and so on. */
export function nodes(count: number, options: NodeOptions = {}): readonly object[] {
  return Array.from({ length: count }, (_, index) =>
    aNode(`node-${String.fromCharCode(97 + index)}`, options),
  );
}

export interface PodOptions {
  readonly node?: string;
  readonly labels?: Texts;
  readonly requests?: Texts;
  readonly cores?: number;
  readonly hostPorts?: readonly number[];
  readonly phase?: string;
}

/** A pod in namespace weka as kubectl prints it. */
export function aPod(name: string, options: PodOptions = {}): object {
  const { node = 'node-a', labels, requests = {}, cores, hostPorts = [], phase = 'Running' } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'weka', name, ...(labels && { labels }) },
    spec: {
      nodeName: node,
      containers: [
        {
          name: 'weka-container',
          resources: { requests },
          ...(cores !== undefined && { env: [{ name: 'CORES', value: String(cores) }] }),
          ports: hostPorts.map((hostPort) => ({ containerPort: hostPort, hostPort })),
        },
      ],
    },
    status: { phase },
  };
}

export function aConfigMap(
  namespace: string,
  name: string,
  rest: { readonly labels?: Texts; readonly annotations?: Texts; readonly data?: Texts } = {},
): object {
  const { data, ...metadata } = rest;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name, ...metadata },
    ...(data && { data }),
  };
}

export function aSecret(namespace: string, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    data: { password: 'aHVudGVyMg==' },
  };
}

/** Facts as they come of a List of these objects. */
export function factsOf(...objects: readonly (object | readonly object[])[]): Facts {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.flat() });
  return parseFacts(new TextEncoder().encode(text), 'facts.json', {
    name: 'weka-gitops',
    namespace: 'weka-gitops-system',
  });
}

/** What rules say of the manifests in `text`: `level rule: message` and the hint, of these rules or of all. */
export function saidOf(text: string, facts: Facts, ...rules: readonly string[]): readonly string[] {
  const { findings } = lint(readFiles({ 'a.yaml': text }), facts);
  return findings
    .filter(({ rule, level }) => level !== 'ignored' && (rules.length === 0 || rules.includes(rule)))
    .map(({ level, rule, message, hint = '' }) => `${level} ${rule}: ${message} ${hint}`.trim());
}

/** A cluster in namespace weka; `spec` is what its spec holds besides the image, as a flow map. */
export function cluster(spec = '{}', name = 'demo'): string {
  return manifest('WekaCluster', name, spec);
}

export function client(spec = '{}', name = 'mounts'): string {
  return manifest('WekaClient', name, spec);
}

function manifest(kind: string, name: string, spec: string): string {
  const fields = spec.replace(/^\{\s*|\s*\}$/g, '');
  return `apiVersion: weka.weka.io/v1alpha1
kind: ${kind}
metadata: { name: ${name}, namespace: weka }
spec: { image: 'quay.io/weka.io/weka-in-container:4.4.10'${fields === '' ? '' : `, ${fields}`} }
`;
}
