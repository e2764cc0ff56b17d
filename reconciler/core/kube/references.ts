import { anchorName } from '../desired/anchor.ts';
import { record, records } from './json.ts';
import { type KubeObject, objectId, type ObjectId } from './object.ts';

/**
 * The objects that have to be there before `object` can work: its namespace, and what its pods mount, read and run
 * as; for a pod of WEKA, also the anchor that is its identity. Whether they are ours or exist is not asked here.
 */
export function references(object: KubeObject): ReadonlySet<ObjectId> {
  const found = new Set<ObjectId>();
  const { namespace } = object.metadata;
  const add = (apiVersion: string, kind: string, name: unknown, within = namespace ?? CLUSTER): void => {
    if (typeof name !== 'string' || name === '') return;
    const metadata = { name, ...(within === CLUSTER ? {} : { namespace: within }) };
    found.add(objectId({ apiVersion, kind, metadata }));
  };
  if (namespace !== undefined)
    found.add(objectId({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));

  const pod = podSpec(object);
  if (pod !== undefined) podReferences(pod, add);

  const spec = record(object['spec']);
  switch (object.kind) {
    case 'Pod':
      // The label is the one that no manifest can take from it.
      if (object.metadata.labels?.['weka.io/mode'] !== undefined)
        add('v1', 'ConfigMap', anchorName('WekaContainer', object.metadata.name));
      break;
    case 'ServiceAccount':
      for (const secret of records(object['imagePullSecrets'])) add('v1', 'Secret', secret['name']);
      break;
    case 'PersistentVolumeClaim':
      addClaim(spec, found);
      break;
    case 'PersistentVolume':
      addCluster('storage.k8s.io/v1', 'StorageClass', spec['storageClassName'], found);
      for (const [field, secret] of Object.entries(record(spec['csi']))) {
        if (field.endsWith('SecretRef')) addWithin(record(secret), 'Secret', found);
      }
      break;
    case 'StatefulSet':
      add('v1', 'Service', spec['serviceName']);
      for (const template of records(spec['volumeClaimTemplates'])) addClaim(record(template['spec']), found);
      break;
    case 'StorageClass':
      addCluster('storage.k8s.io/v1', 'CSIDriver', object['provisioner'], found);
      classSecrets(record(object['parameters']), found);
      break;
    case 'Ingress':
      for (const name of ingressServices(spec)) add('v1', 'Service', name);
      for (const tls of records(spec['tls'])) add('v1', 'Secret', tls['secretName']);
      break;
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      bindingReferences(object, add, found);
      break;
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      for (const webhook of records(object['webhooks'])) {
        addWithin(record(record(webhook['clientConfig'])['service']), 'Service', found);
      }
      break;
    case 'ValidatingAdmissionPolicyBinding':
      addCluster('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', spec['policyName'], found);
      break;
  }
  return found;
}

/** Stands for no namespace. */
const CLUSTER = '';

type Add = (apiVersion: string, kind: string, name: unknown, within?: string) => void;

/** The pod that an object runs, wherever its kind keeps it. */
export function podSpec(object: KubeObject): Readonly<Record<string, unknown>> | undefined {
  const spec = record(object['spec']);
  switch (object.kind) {
    case 'Pod':
      return spec;
    case 'Deployment':
    case 'DaemonSet':
    case 'StatefulSet':
    case 'Job':
      return record(record(spec['template'])['spec']);
    case 'CronJob':
      return record(record(record(record(spec['jobTemplate'])['spec'])['template'])['spec']);
    default:
      return undefined;
  }
}

function podReferences(pod: Readonly<Record<string, unknown>>, add: Add): void {
  // The API server takes the older field where the newer one is not set.
  add('v1', 'ServiceAccount', pod['serviceAccountName'] || pod['serviceAccount']);
  if (typeof pod['priorityClassName'] === 'string' && !pod['priorityClassName'].startsWith('system-')) {
    add('scheduling.k8s.io/v1', 'PriorityClass', pod['priorityClassName'], CLUSTER);
  }
  for (const secret of records(pod['imagePullSecrets'])) add('v1', 'Secret', secret['name']);
  for (const volume of records(pod['volumes'])) {
    volumeReferences(volume, add);
    for (const source of records(record(volume['projected'])['sources'])) volumeReferences(source, add);
  }
  for (const container of [...records(pod['initContainers']), ...records(pod['containers'])]) {
    for (const variable of records(container['env'])) {
      const from = record(variable['valueFrom']);
      unlessOptional(from['configMapKeyRef'], (ref) => add('v1', 'ConfigMap', ref['name']));
      unlessOptional(from['secretKeyRef'], (ref) => add('v1', 'Secret', ref['name']));
    }
    for (const from of records(container['envFrom'])) {
      unlessOptional(from['configMapRef'], (ref) => add('v1', 'ConfigMap', ref['name']));
      unlessOptional(from['secretRef'], (ref) => add('v1', 'Secret', ref['name']));
    }
  }
}

function volumeReferences(volume: Readonly<Record<string, unknown>>, add: Add): void {
  unlessOptional(volume['configMap'], (source) => add('v1', 'ConfigMap', source['name']));
  unlessOptional(volume['secret'], (source) => add('v1', 'Secret', source['secretName'] ?? source['name']));
  add('v1', 'PersistentVolumeClaim', record(volume['persistentVolumeClaim'])['claimName']);
  add('v1', 'Secret', record(record(volume['csi'])['nodePublishSecretRef'])['name']);
}

function unlessOptional(value: unknown, use: (source: Readonly<Record<string, unknown>>) => void): void {
  const source = record(value);
  if (source['optional'] !== true) use(source);
}

function addClaim(spec: Readonly<Record<string, unknown>>, found: Set<ObjectId>): void {
  addCluster('storage.k8s.io/v1', 'StorageClass', spec['storageClassName'], found);
  addCluster('v1', 'PersistentVolume', spec['volumeName'], found);
}

function addCluster(apiVersion: string, kind: string, name: unknown, found: Set<ObjectId>): void {
  if (typeof name === 'string' && name !== '') found.add(objectId({ apiVersion, kind, metadata: { name } }));
}

/** An object of the core group whose namespace is named beside it. */
function addWithin(
  { name, namespace }: Readonly<Record<string, unknown>>,
  kind: string,
  found: Set<ObjectId>,
) {
  if (typeof name !== 'string' || typeof namespace !== 'string') return;
  found.add(objectId({ apiVersion: 'v1', kind, metadata: { name, namespace } }));
}

const SECRET_NAME = /^csi\.storage\.k8s\.io\/(.*)-secret-name$/;

/** The Secrets that a CSI driver is handed for each volume of a class, save those whose names are patterns. */
function classSecrets(parameters: Readonly<Record<string, unknown>>, found: Set<ObjectId>): void {
  for (const [key, name] of Object.entries(parameters)) {
    const [, use] = SECRET_NAME.exec(key) ?? [];
    const namespace = parameters[`csi.storage.k8s.io/${use}-secret-namespace`];
    if (use === undefined || `${String(name)}${String(namespace)}`.includes('${')) continue;
    addWithin({ name, namespace }, 'Secret', found);
  }
}

function ingressServices(spec: Readonly<Record<string, unknown>>): unknown[] {
  const backends = [
    record(spec['defaultBackend']),
    ...records(spec['rules']).flatMap((rule) =>
      records(record(rule['http'])['paths']).map((path) => record(path['backend'])),
    ),
  ];
  return backends.map((backend) => record(backend['service'])['name']);
}

function bindingReferences(binding: KubeObject, add: Add, found: Set<ObjectId>): void {
  const role = record(binding['roleRef']);
  const group = 'rbac.authorization.k8s.io/v1';
  if (role['kind'] === 'ClusterRole') addCluster(group, 'ClusterRole', role['name'], found);
  else add(group, 'Role', role['name']);
  for (const subject of records(binding['subjects'])) {
    if (subject['kind'] !== 'ServiceAccount') continue;
    const within = subject['namespace'];
    add('v1', 'ServiceAccount', subject['name'], typeof within === 'string' ? within : undefined);
  }
}
