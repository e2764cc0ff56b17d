import { configMap, deployment, settings, wekaContainer } from './manifests.ts';
import type { World } from './crash-world.ts';

/** One thing that people do, and what a pass shall make of it. */
export interface Step {
  readonly name: string;
  /** Done once, by others than the program. */
  readonly happens: (world: World) => Promise<void>;
  /** Exit code of a pass once it is at rest. */
  readonly exitCode: 0 | 1;
}

/** Classes that the pods of WEKA ask for. They are the cluster's, so no story makes them. */
export const PRIORITY_CLASSES = ['weka-targeted-no-evict', 'weka-initial-no-evict']
  .map((name) =>
    JSON.stringify({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value: 1000,
    }),
  )
  .join('\n---\n');

/** Between them the steps make, change, replace, correct and prune; what a person gets wrong is among them. */
export const STORY: readonly Step[] = [
  {
    name: 'first apply',
    happens: async (world) => {
      await commit(world, 'first apply', files(world));
    },
    exitCode: 0,
  },
  {
    name: 'change',
    happens: async (world) => {
      await commit(world, 'change', {
        'exporter.yaml': exporter(world, { replicas: 3 }),
        // It cannot be changed in place, so it is deleted and made again.
        'priority.yaml': priorityClass(world, 2000),
      });
    },
    exitCode: 0,
  },
  {
    name: 'drift',
    happens: async ({ cluster, namespace }) => {
      const edits = [
        ['scale', 'deployment', 'exporter', '--namespace', namespace, '--replicas', '1'],
        ['delete', 'service', 'dist', '--namespace', namespace],
      ];
      for (const edit of edits) {
        const { exitCode, stderr } = await cluster.kubectl(edit);
        if (exitCode !== 0) throw new Error(stderr);
      }
    },
    exitCode: 0,
  },
  {
    name: 'prune',
    happens: async (world) => {
      await commit(world, 'prune', { 'report.yaml': null });
    },
    exitCode: 0,
  },
  {
    name: 'emptied',
    happens: async (world) => {
      const paths = Object.keys(files(world)).filter((path) => path !== 'report.yaml');
      await commit(world, 'emptied', {
        ...Object.fromEntries(paths.map((path) => [path, null])),
        'README.md': 'Nothing.\n',
      });
    },
    exitCode: 1,
  },
  {
    name: 'restored',
    happens: async (world) => {
      await commit(world, 'restored', {
        ...files(world),
        'exporter.yaml': exporter(world, { replicas: 3 }),
        'priority.yaml': priorityClass(world, 2000),
        'report.yaml': null,
      });
    },
    exitCode: 0,
  },
  {
    name: 'broken',
    happens: async (world) => {
      await commit(world, 'broken', {
        // A typing error, a good change and an object that is taken out, all at once.
        'exporter.yaml': exporter(world, { replicas: 3, interval: 30 }).replace('replicas:', 'replicsa:'),
        'policy.yaml': null,
      });
    },
    exitCode: 1,
  },
  {
    name: 'mended',
    happens: async (world) => {
      await commit(world, 'mended', { 'exporter.yaml': exporter(world, { replicas: 3, interval: 30 }) });
    },
    exitCode: 0,
  },
];

async function commit(
  { repository }: World,
  message: string,
  entries: Readonly<Record<string, string | null>>,
): Promise<void> {
  await repository.commit(entries, { message });
}

function files(world: World): Readonly<Record<string, string>> {
  const { namespace } = world;
  return {
    'namespace.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    // Two objects go with one commit of the story, which is all that may.
    'settings.yaml': settings({ namespaces: [namespace], prune: { budget: { objects: 2, percent: 50 } } }),
    'priority.yaml': priorityClass(world, 1000),
    'exporter.yaml': exporter(world, { replicas: 2 }),
    'report.yaml': `${configMap(namespace, 'report', { recipients: 'storage@example.com' })}\n---\n${cronJob(namespace)}`,
    'drivers.yaml': `${wekaContainer(namespace, 'dist')}\n---\n${service(namespace, 'dist', 60002)}`,
    'policy.yaml': networkPolicy(namespace),
  };
}

function exporter(
  { namespace }: World,
  { replicas, interval = 60 }: { readonly replicas: number; readonly interval?: number },
): string {
  return [
    configMap(namespace, 'exporter', { 'export.yaml': `interval: ${interval}\n` }),
    deployment(namespace, 'exporter', { replicas, configMap: 'exporter' }),
    service(namespace, 'exporter', 8150),
    JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'exporter', namespace },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'exporter' } } },
    }),
  ].join('\n---\n');
}

function priorityClass({ namespace }: World, value: number): string {
  const kind = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' };
  return JSON.stringify({ ...kind, metadata: { name: namespace }, value });
}

function service(namespace: string, name: string, port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'main', port, targetPort: port }] },
  });
}

function networkPolicy(namespace: string): string {
  return JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'dist', namespace },
    spec: {
      podSelector: { matchLabels: { app: 'dist' } },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 60002 }] }],
    },
  });
}

function cronJob(namespace: string): string {
  return `apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: ${namespace} }
spec:
  schedule: '0 7 * * 1'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example.com/report:2
              envFrom: [{ configMapRef: { name: report } }]
`;
}
