import type { ManifestRuleName } from './rules.ts';

interface Pair {
  readonly wrong: string;
  readonly right: string;
}

/** What breaks a rule over one file or manifest, and what keeps it: whole files, or words where no text shows it. */
export type ManifestExample = { readonly text: Pair } | { readonly words: Pair };

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: tuning, namespace: weka }';
const SETTINGS = 'apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: production }\nspec:';
const CONTAINER = 'apiVersion: weka.weka.io/v1alpha1\nkind: WekaContainer';
const DIST = 'spec:\n  mode: drivers-dist\n  image: quay.io/weka.io/weka-in-container:4.4.10';
const CLIENT =
  "apiVersion: weka.weka.io/v1alpha1\nkind: WekaClient\nmetadata: { name: clients, namespace: weka }\nspec:\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  joinIpPorts: ['10.0.0.7:14000']";
const OPERATION =
  'apiVersion: weka.weka.io/v1alpha1\nkind: WekaManualOperation\nmetadata: { name: find, namespace: weka }\nspec:\n  action: discover-drives\n  payload: { discoverDrivesPayload: {} }';

/** An example of each rule over one file or manifest, for its page. */
export const MANIFEST_EXAMPLES: Readonly<Record<ManifestRuleName, ManifestExample>> = {
  encoding: words(
    'A file in UTF-16 or Latin-1, or one that holds a NUL character.',
    'The same file in UTF-8, with or without a byte order mark.',
  ),
  'yaml-syntax': text(`${HEAD}\ndata:\n  note: "open`, `${HEAD}\ndata:\n  note: "closed"`),
  'yaml-limits': words(
    'Values nested more than 64 deep, more than a thousand documents in one file, or aliases that stand for a great many values.',
    'The same objects in several files, with their values written out.',
  ),
  'yaml-tag': text(`${HEAD}\ndata:\n  note: !!binary aGVsbG8=`, `${HEAD}\nbinaryData:\n  note: aGVsbG8=`),
  'yaml-key': text(`${HEAD}\ndata:\n  ? [a, b]\n  : c`, `${HEAD}\ndata:\n  "a, b": c`),
  'duplicate-key': text(
    `${HEAD}\ndata:\n  mtu: "9000"\n  mtu: "1500"`,
    `${HEAD}\ndata:\n  mtu: "9000"\n  ib-mtu: "1500"`,
  ),
  'ambiguous-scalar': text(`${HEAD}\ndata:\n  enabled: yes`, `${HEAD}\ndata:\n  enabled: "yes"`),
  'not-a-manifest': text('apiVersion: v1\nmetadata: { name: tuning, namespace: weka }', HEAD),
  'unknown-kind': text(HEAD.replace('ConfigMap', 'ConfigMpa'), HEAD),
  'kind-not-allowed': text(
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: reader, namespace: weka }\nrules: []',
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: reader, namespace: weka }',
  ),
  'mode-not-supported': text(
    `${CONTAINER}\nmetadata: { name: dist, namespace: weka }\n${DIST.replace('drivers-dist', 'drive')}`,
    `${CONTAINER}\nmetadata: { name: dist, namespace: weka }\n${DIST}`,
  ),
  'unknown-field': text(
    `${CONTAINER}\nmetadata: { name: dist, namespace: weka }\n${DIST}\n  prot: 60002`,
    `${CONTAINER}\nmetadata: { name: dist, namespace: weka }\n${DIST}\n  port: 60002`,
  ),
  schema: text(`${HEAD}\ndata:\n  mtu: 9000`, `${HEAD}\ndata:\n  mtu: "9000"`),
  'missing-field': text('apiVersion: v1\nkind: ConfigMap\nmetadata: { namespace: weka }', HEAD),
  'invalid-name': text(HEAD.replace('tuning', 'Tuning_2'), HEAD.replace('tuning', 'tuning-2')),
  'invalid-label': text(
    HEAD.replace(' }', ', labels: { team: storage and more } }'),
    HEAD.replace(' }', ', labels: { team: storage-and-more } }'),
  ),
  'generate-name': text(HEAD.replace('name: tuning', 'generateName: tuning-'), HEAD),
  'missing-namespace': text('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: tuning }', HEAD),
  'unexpected-namespace': text(
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: weka, namespace: weka }',
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: weka }',
  ),
  'namespace-not-allowed': text(HEAD.replace('namespace: weka', 'namespace: kube-system'), HEAD),
  'beyond-ceiling': text(
    `${SETTINGS}\n  namespaces: [weka, kube-system]`,
    `${SETTINGS}\n  namespaces: [weka]`,
  ),
  'registry-not-allowed': text(
    `${CLIENT}\n  driversDistService: http://drivers.example.com`,
    `${CLIENT}\n  driversDistService: https://drivers.weka.io`,
  ),
  'duplicate-object': text(`${HEAD}\n---\n${HEAD}`, `${HEAD}\n---\n${HEAD.replace('tuning', 'tuning-2')}`),
  'duplicate-settings': text(
    `${SETTINGS}\n  drift: report\n---\n${SETTINGS.replace('production', 'test')}\n  prune: { enabled: false }`,
    `${SETTINGS}\n  drift: report\n  prune: { enabled: false }`,
  ),
  reserved: text(
    HEAD.replace(' }', ', labels: { applyset.kubernetes.io/part-of: mine } }'),
    HEAD.replace(' }', ', labels: { app.kubernetes.io/part-of: mine } }'),
  ),
  'ignored-field': text(HEAD.replace(' }', ', uid: 6b0c }'), HEAD),
  'operation-done': text(
    `${OPERATION}\nstatus: { status: Done, completedAt: "2026-01-31T18:00:00Z" }`,
    OPERATION,
  ),
  'unknown-rule': text(
    `${SETTINGS}\n  rules: { hot-spare: silent }`,
    `${SETTINGS}\n  rules: { hot-spare-zero: silent }`,
  ),
  'settings-value': text(
    `${SETTINGS}\n  windows: [{ schedule: 0 25 * * *, duration: 2h, allow: [upgrade] }]`,
    `${SETTINGS}\n  windows: [{ schedule: 0 22 * * *, duration: 2h, allow: [upgrade] }]`,
  ),
  'fixed-rule': text(
    `${SETTINGS}\n  rules: { schema: warning }`,
    `${SETTINGS}\n  rules: { unknown-field: warning }`,
  ),
  'ignore-rule': text(
    `${CONTAINER}\nmetadata:\n  name: dist\n  namespace: weka\n  annotations:\n    weka-gitops.dev/ignore-rule: unknown-field\n${DIST}`,
    `${CONTAINER}\nmetadata:\n  name: dist\n  namespace: weka\n  annotations:\n    weka-gitops.dev/ignore-rule: "unknown-field: made for a newer version"\n${DIST}`,
  ),
  'not-decrypted': words(
    'A file that sops has encrypted for keys of which none is configured.',
    'The same file with one of its age or PGP keys in the configuration of the process.',
  ),
  tampered: words(
    'An encrypted file in which somebody has changed, added or removed a value by hand.',
    'The same change made by `sops edit`, which writes the file’s authentication code anew.',
  ),
  'plain-leftover': words(
    'An encrypted file where a value that its rule would have encrypted stands in plain.',
    'The file after `sops encrypt --in-place`, with a new value in place of the one that everybody could read.',
  ),
  'kustomize-missing': words(
    'A folder with a `kustomization.yaml`, on a machine that has neither kustomize nor kubectl.',
    'The same folder where one of them is on the path, or is named in the configuration.',
  ),
  'kustomize-remote': words(
    '`resources: [https://example.com/base]`, or `resources: [../../another-repository]`.',
    '`resources: [../base]`, with the base committed here.',
  ),
  'kustomize-plugin': words(
    'A kustomization with `helmCharts`, or a generator that runs a program.',
    'The manifests that `helm template` makes of the chart, committed and listed under `resources`.',
  ),
  'kustomize-reference': words(
    '`resources: [clsuter.yaml]` beside a file `cluster.yaml`.',
    '`resources: [cluster.yaml]`.',
  ),
  'kustomize-build': words(
    'A patch whose target is in none of the resources, or a field that kustomize does not know.',
    'A patch for an object that the kustomization lists, under `patches`.',
  ),
  'kustomize-limits': words(
    'A folder that takes longer than 30 s to build, or needs more than 5,000 files.',
    'Several folders with a kustomization each.',
  ),
  'file-too-large': words('A manifest of more than 1 MiB.', 'The same objects in several files.'),
  'file-name': words(
    'A file whose name holds control characters, or is not UTF-8.',
    'A name of letters, digits and dashes, such as `cluster-1.yaml`.',
  ),
  symlink: words(
    'A link `cluster.yaml` to a file elsewhere.',
    'A copy of that file, or the folder that holds it in the path that is read.',
  ),
  submodule: words(
    'A submodule within the path that is read.',
    'Its manifests committed here, or a pass of its own for its repository.',
  ),
  'special-file': words('A pipe, a socket or a device called `cluster.yaml`.', 'A plain file.'),
  'lfs-pointer': words(
    'A manifest that `.gitattributes` hands to Git LFS, so that the commit holds a pointer only.',
    'The manifest itself in the commit.',
  ),
  'more-findings': words(
    'A file with more than a hundred findings: the first hundred are told.',
    'The file after those were mended.',
  ),
};

function text(wrong: string, right: string): ManifestExample {
  return { text: { wrong, right } };
}

function words(wrong: string, right: string): ManifestExample {
  return { words: { wrong, right } };
}
