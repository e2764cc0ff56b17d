/** A text of one file, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A commit of the demo's author, against the files of `examples-repo/` and all commits before it. */
export interface Push {
  readonly message: string;
  readonly edits?: readonly Edit[];
  /** Files and folders that go. */
  readonly removes?: readonly string[];
}

const EXPORTER = 'monitoring/exporter.yaml';

/** The NetworkPolicy in the drivers' file, from its separator to the end. */
const POLICY = `---
# Only port 60002 is anybody's business.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: weka-drivers-dist
  namespace: weka
spec:
  podSelector:
    matchLabels:
      app: weka-drivers-dist
  policyTypes: [Ingress]
  ingress:
    - ports:
        - port: 60002
`;

/** What is pushed in the demo, in this order. After `tidyUp` comes its revert. */
export const PUSHES = {
  hall: { message: 'Describe hall 1' },
  threeExporters: {
    message: 'Run three exporters',
    edits: [{ file: EXPORTER, from: 'replicas: 2', to: 'replicas: 3' }],
  },
  noReport: { message: 'Stop the capacity report', removes: ['monitoring/capacity-report.yaml'] },
  tidyUp: { message: 'Tidy up', removes: ['cluster', 'drivers', 'monitoring', 'settings.yaml'] },
  // A typing error in one object, a good change of another, and an object that is taken out.
  broken: {
    message: 'Export more often',
    edits: [
      { file: EXPORTER, from: 'replicas: 3', to: 'replicsa: 3' },
      { file: EXPORTER, from: 'interval: 60', to: 'interval: 30' },
      { file: 'drivers/weka-driver.yaml', from: POLICY, to: '---\n' },
    ],
  },
  mended: {
    message: 'Spell replicas',
    edits: [{ file: EXPORTER, from: 'replicsa: 3', to: 'replicas: 3' }],
  },
  fourExporters: {
    message: 'Run four exporters',
    edits: [{ file: EXPORTER, from: 'replicas: 3', to: 'replicas: 4' }],
  },
} satisfies Readonly<Record<string, Push>>;

/** What somebody does by hand, as kubectl's arguments: the namespaces are those of the examples. */
export const HAND_EDITS = {
  oneExporter: [
    'patch',
    'deployment',
    'exporter',
    '--namespace',
    'weka-monitoring',
    '--patch',
    JSON.stringify({ spec: { replicas: 1 } }),
  ],
  noService: ['delete', 'service', 'weka-drivers-dist', '--namespace', 'weka'],
} satisfies Readonly<Record<string, readonly string[]>>;

/** Why everything is suspended for a while. */
export const SUSPENDED_FOR = 'power work in hall 1';
