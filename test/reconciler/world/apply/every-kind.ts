import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { aClusterObject, anObject, podSpec } from '../../../support/objects.ts';

const labels = { app: 'web' };
const template = (pod: object = {}) => ({ metadata: { labels }, spec: { ...fullPod(), ...pod } });

/** A pod with most of what manifests use: the lists that are merged by key, probes, resources in every spelling. */
function fullPod() {
  return {
    serviceAccountName: 'web',
    hostNetwork: false,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [
      { operator: 'Exists', effect: 'NoSchedule' },
      { key: 'a', operator: 'Exists', tolerationSeconds: 30, effect: 'NoExecute' },
    ],
    imagePullSecrets: [{ name: 'registry' }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
    },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] },
          ],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
        ],
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      },
    ],
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a', 'b'] }],
    initContainers: [{ name: 'init', image: 'busybox:1', command: ['true'] }],
    containers: [
      {
        name: 'main',
        image: 'busybox:1',
        args: ['sleep', '1d'],
        ports: [
          { name: 'http', containerPort: 80 },
          { containerPort: 53, protocol: 'UDP' },
        ],
        env: [
          { name: 'EMPTY', value: '' },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token', optional: true } } },
        ],
        envFrom: [{ configMapRef: { name: 'settings', optional: true } }],
        resources: {
          limits: { cpu: 0.5, memory: '1024Mi', 'hugepages-2Mi': '2048Ki' },
          requests: { cpu: '100m', memory: '0.5Gi' },
        },
        securityContext: {
          privileged: false,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        readinessProbe: { httpGet: { path: '/', port: 'http', httpHeaders: [{ name: 'X-A', value: 'b' }] } },
        livenessProbe: { exec: { command: ['true'] }, periodSeconds: 5 },
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp', readOnly: false },
          { name: 'all', mountPath: '/all' },
        ],
      },
      { name: 'side', image: 'busybox:1' },
    ],
    volumes: [
      { name: 'tmp', emptyDir: { sizeLimit: '1024Ki' } },
      { name: 'none', emptyDir: {} },
      { name: 'host', hostPath: { path: '/dev' } },
      {
        name: 'all',
        projected: {
          sources: [
            { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
            { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          ],
        },
      },
      { name: 'secret', secret: { secretName: 'token', optional: true, defaultMode: 256 } },
    ],
  };
}

const claim = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1024Mi' } },
};

/** A manifest of every kind that may be applied, the cluster-scoped ones named after `unique`. */
export function everyKind(namespace: string, unique: string): readonly KubeObject[] {
  const metadata = { namespace };
  const group = 'rbac.authorization.k8s.io';
  const rules = [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'], resourceNames: ['a'] },
  ];
  const subjects = [{ kind: 'ServiceAccount', name: 'web', namespace }];
  const inNamespaces = { matchLabels: { 'kubernetes.io/metadata.name': unique } };
  const webhook = {
    name: 'pods.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: { service: { name: 'hook', namespace } },
    namespaceSelector: inNamespaces,
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  };
  return [
    aClusterObject('v1/Namespace', `${unique}-ns`, { metadata: { labels: { team: 'storage' } } }),
    anObject('v1/ConfigMap', 'settings', {
      metadata: { ...metadata, annotations: { 'example.com/note': 'a: b' } },
      data: { a: 'one\ntwo\n', 'b.yaml': 'x: 1\n', storage: '1024Mi' },
      binaryData: {
        blob: `${Buffer.alloc(90, 7).toString('base64').slice(0, 60)}\n${Buffer.alloc(90, 7).toString('base64').slice(60)}\n`,
      },
    }),
    anObject('v1/Secret', 'token', { metadata, stringData: { token: 's3cret' }, data: { other: 'YQ==' } }),
    anObject('v1/Service', 'web', {
      metadata,
      spec: {
        selector: labels,
        ports: [
          { port: 80, targetPort: 'http', name: 'http' },
          { port: 80, protocol: 'UDP', name: 'udp' },
        ],
      },
    }),
    anObject('v1/Service', 'headless', {
      metadata,
      spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
    }),
    anObject('v1/Service', 'nodes', {
      metadata,
      spec: {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        selector: labels,
        ports: [{ port: 80, targetPort: 8080 }],
      },
    }),
    anObject('v1/ServiceAccount', 'web', {
      metadata,
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'registry' }, { name: 'other' }],
    }),
    anObject('v1/Pod', 'alone', { metadata, spec: fullPod() }),
    aClusterObject('v1/PersistentVolume', `${unique}-pv`, {
      spec: {
        accessModes: ['ReadWriteMany'],
        capacity: { storage: '1024Gi' },
        storageClassName: `${unique}-sc`,
        persistentVolumeReclaimPolicy: 'Retain',
        mountOptions: ['readcache'],
        csi: {
          driver: 'csi.weka.io',
          volumeHandle: 'dir/v1/default/x',
          volumeAttributes: { filesystemName: 'default', storage: '1024Mi' },
          nodePublishSecretRef: { name: 'token', namespace },
        },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
        },
      },
    }),
    anObject('v1/PersistentVolumeClaim', 'data', {
      metadata,
      spec: { ...claim, storageClassName: `${unique}-sc` },
    }),
    anObject('apps/v1/Deployment', 'web', {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
        template: template(),
      },
    }),
    anObject('apps/v1/DaemonSet', 'agents', {
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: template({ hostPID: true }),
        updateStrategy: { type: 'OnDelete' },
      },
    }),
    anObject('apps/v1/StatefulSet', 'db', {
      metadata,
      spec: {
        replicas: 1,
        serviceName: 'headless',
        selector: { matchLabels: labels },
        template: template(),
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
      },
    }),
    anObject('batch/v1/Job', 'once', {
      metadata,
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 3600,
        template: { spec: podSpec({ restartPolicy: 'Never' }) },
      },
    }),
    anObject('batch/v1/CronJob', 'nightly', {
      metadata,
      spec: {
        schedule: '0 22 * * *',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: 'OnFailure' }) } } },
      },
    }),
    aClusterObject('storage.k8s.io/v1/StorageClass', `${unique}-sc`, {
      provisioner: 'csi.weka.io',
      parameters: {
        filesystemName: 'default',
        'csi.storage.k8s.io/node-publish-secret-name': 'token',
        storage: '1024Mi',
      },
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
      mountOptions: ['readcache'],
    }),
    aClusterObject('storage.k8s.io/v1/CSIDriver', `${unique}.csi.example.com`, {
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
        fsGroupPolicy: 'File',
      },
    }),
    anObject('networking.k8s.io/v1/Ingress', 'web', {
      metadata,
      spec: {
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { name: 'http' } } },
                },
              ],
            },
          },
        ],
        tls: [{ hosts: ['a.example.com'], secretName: 'token' }],
      },
    }),
    anObject('networking.k8s.io/v1/NetworkPolicy', 'web', {
      metadata,
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [{ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
            ports: [{ port: 80 }],
          },
        ],
        egress: [{}],
      },
    }),
    aClusterObject('scheduling.k8s.io/v1/PriorityClass', `${unique}-high`, {
      value: 1000,
      globalDefault: false,
      description: 'For tests.',
    }),
    anObject('policy/v1/PodDisruptionBudget', 'web', {
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    }),
    anObject('rbac.authorization.k8s.io/v1/Role', 'reader', { metadata, rules }),
    anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'reader', {
      metadata,
      subjects,
      roleRef: { apiGroup: group, kind: 'Role', name: 'reader' },
    }),
    aClusterObject('rbac.authorization.k8s.io/v1/ClusterRole', `${unique}-reader`, { rules }),
    aClusterObject('rbac.authorization.k8s.io/v1/ClusterRole', `${unique}-all`, {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'example.com/aggregate': unique } }] },
    }),
    aClusterObject('rbac.authorization.k8s.io/v1/ClusterRoleBinding', `${unique}-reader`, {
      subjects: [...subjects, { kind: 'User', name: 'jane' }],
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: `${unique}-reader` },
    }),
    aClusterObject('admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy', `${unique}.example.com`, {
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: inNamespaces,
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
          ],
        },
        matchConditions: [{ name: 'named', expression: "request.name != ''" }],
        variables: [
          { name: 'name', expression: 'object.metadata.name' },
          { name: 'long', expression: 'size(variables.name) > 99' },
        ],
        validations: [{ expression: '!variables.long', message: 'too long' }],
      },
    }),
    aClusterObject(
      'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
      `${unique}.example.com`,
      {
        spec: {
          policyName: `${unique}.example.com`,
          validationActions: ['Deny', 'Audit'],
          matchResources: { namespaceSelector: inNamespaces },
        },
      },
    ),
    aClusterObject(
      'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
      `${unique}.example.com`,
      {
        webhooks: [webhook],
      },
    ),
    aClusterObject('admissionregistration.k8s.io/v1/MutatingWebhookConfiguration', `${unique}.example.com`, {
      webhooks: [
        {
          ...webhook,
          failurePolicy: 'Ignore',
          matchConditions: [{ name: 'named', expression: "request.name != ''" }],
        },
      ],
    }),
  ];
}
