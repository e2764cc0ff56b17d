import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { aClusterObject, anObject } from '../../../support/objects.ts';

/**
 * Manifests in which much is said otherwise than the API server stores it: amounts in other units or finer than it keeps, values
 * that stand for none, where it puts its defaults or allots something, numbers for texts' sake, empty maps and lists.
 */
export function canonicalised(namespace: string, unique: string): readonly KubeObject[] {
  const metadata = { namespace };
  const labels = { app: 'canonical' };
  const container = {
    name: 'main',
    image: 'busybox:1',
    imagePullPolicy: '',
    terminationMessagePath: '',
    terminationMessagePolicy: '',
    workingDir: '',
    tty: false,
    command: [],
    args: [],
    env: [
      { name: 'A', value: '' },
      { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1024Ki' } } },
      { name: 'POD', valueFrom: { fieldRef: { apiVersion: '', fieldPath: 'metadata.name' } } },
    ],
    ports: [{ containerPort: 80, hostPort: 0, protocol: '' }],
    resources: {
      limits: { cpu: '1000001u', memory: '0.1234567Gi', 'example.com/dongle': '2e0' },
      requests: { cpu: 0.25, memory: '1e6', 'example.com/dongle': '2.0' },
      claims: [],
    },
    livenessProbe: {
      httpGet: { path: '', port: 80, scheme: '' },
      timeoutSeconds: 0,
      periodSeconds: 0,
      successThreshold: 0,
      failureThreshold: 0,
      initialDelaySeconds: 0,
    },
    securityContext: {},
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp', subPath: '', readOnly: false }],
  };
  const pod = {
    restartPolicy: '',
    dnsPolicy: '',
    schedulerName: '',
    serviceAccountName: '',
    nodeName: '',
    hostname: '',
    priorityClassName: '',
    hostPID: false,
    nodeSelector: {},
    tolerations: [],
    imagePullSecrets: [],
    securityContext: {},
    containers: [container],
    initContainers: [],
    volumes: [
      { name: 'tmp', emptyDir: { medium: '', sizeLimit: '1.5Gi' } },
      { name: 'host', hostPath: { path: '/dev', type: '' } },
      { name: 'config', configMap: { name: 'a', items: [], optional: false } },
    ],
  };
  const template = { metadata: { labels, annotations: {}, creationTimestamp: null }, spec: pod };
  return [
    anObject('v1/ConfigMap', 'canonical', {
      metadata: { ...metadata, labels: {}, annotations: {}, finalizers: [] },
      data: { empty: '' },
      binaryData: {},
      immutable: false,
    }),
    anObject('v1/Secret', 'canonical', { metadata, type: '', data: {}, stringData: { a: '' } }),
    anObject('v1/Service', 'canonical', {
      metadata,
      spec: {
        type: '',
        clusterIP: '',
        sessionAffinity: '',
        internalTrafficPolicy: 'Cluster',
        publishNotReadyAddresses: false,
        externalIPs: [],
        externalName: '',
        selector: labels,
        ports: [{ name: '', port: 80, protocol: '', targetPort: 0, nodePort: 0 }],
      },
    }),
    anObject('v1/Service', 'canonical-nodes', {
      metadata,
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 'http', nodePort: 0 }] },
    }),
    anObject('v1/ServiceAccount', 'canonical', { metadata, secrets: [], imagePullSecrets: [] }),
    aClusterObject('v1/PersistentVolume', `${unique}-canonical`, {
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '0.5Ti' },
        persistentVolumeReclaimPolicy: '',
        storageClassName: '',
        mountOptions: [],
        csi: { driver: 'csi.weka.io', volumeHandle: 'x', readOnly: false, fsType: '', volumeAttributes: {} },
      },
    }),
    anObject('v1/PersistentVolumeClaim', 'canonical', {
      metadata,
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: 1_073_741_824 } },
        storageClassName: '',
        volumeName: '',
        selector: { matchLabels: {}, matchExpressions: [] },
      },
    }),
    anObject('apps/v1/Deployment', 'canonical', {
      metadata,
      spec: {
        replicas: 0,
        minReadySeconds: 0,
        paused: false,
        strategy: {},
        selector: { matchLabels: labels, matchExpressions: [] },
        template,
      },
    }),
    anObject('apps/v1/DaemonSet', 'canonical', {
      metadata,
      spec: { selector: { matchLabels: labels }, template, updateStrategy: { type: '' }, minReadySeconds: 0 },
    }),
    anObject('apps/v1/StatefulSet', 'canonical', {
      metadata,
      spec: {
        replicas: 0,
        serviceName: '',
        podManagementPolicy: '',
        updateStrategy: { type: '', rollingUpdate: { partition: 0 } },
        selector: { matchLabels: labels },
        template,
        volumeClaimTemplates: [],
      },
    }),
    anObject('batch/v1/Job', 'canonical', {
      metadata,
      spec: {
        backoffLimit: 0,
        parallelism: 0,
        suspend: false,
        template: { spec: { ...pod, restartPolicy: 'Never' } },
      },
    }),
    anObject('batch/v1/CronJob', 'canonical', {
      metadata,
      spec: {
        schedule: '0 22 * * *',
        concurrencyPolicy: '',
        suspend: false,
        startingDeadlineSeconds: 0,
        jobTemplate: { metadata: {}, spec: { template: { spec: { ...pod, restartPolicy: 'Never' } } } },
      },
    }),
    aClusterObject('storage.k8s.io/v1/StorageClass', `${unique}-canonical`, {
      provisioner: 'csi.weka.io',
      parameters: {},
      mountOptions: [],
      allowedTopologies: [],
    }),
    aClusterObject('storage.k8s.io/v1/CSIDriver', `${unique}-canonical.example.com`, {
      spec: { attachRequired: false, volumeLifecycleModes: [], tokenRequests: [{ audience: '' }] },
    }),
    anObject('networking.k8s.io/v1/Ingress', 'canonical', {
      metadata,
      spec: {
        defaultBackend: { service: { name: 'canonical', port: { name: '', number: 80 } } },
        rules: [],
        tls: [],
      },
    }),
    anObject('networking.k8s.io/v1/NetworkPolicy', 'canonical', {
      metadata,
      spec: {
        podSelector: {},
        ingress: [],
        egress: [{ ports: [{ port: 'http', protocol: 'UDP' }], to: [] }],
      },
    }),
    aClusterObject('scheduling.k8s.io/v1/PriorityClass', `${unique}-canonical`, {
      value: 0,
      globalDefault: false,
      description: '',
    }),
    anObject('policy/v1/PodDisruptionBudget', 'canonical', {
      metadata,
      spec: { minAvailable: '50%', selector: { matchLabels: labels } },
    }),
    anObject('rbac.authorization.k8s.io/v1/Role', 'canonical', { metadata, rules: [] }),
    anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'canonical', {
      metadata,
      subjects: [
        { kind: 'ServiceAccount', name: 'canonical', apiGroup: '' },
        { kind: 'User', name: 'jane', apiGroup: '' },
      ],
      roleRef: { apiGroup: '', kind: 'Role', name: 'canonical' },
    }),
    aClusterObject('rbac.authorization.k8s.io/v1/ClusterRole', `${unique}-canonical`, { rules: [] }),
    aClusterObject('rbac.authorization.k8s.io/v1/ClusterRoleBinding', `${unique}-canonical`, {
      subjects: [],
      roleRef: { apiGroup: '', kind: 'ClusterRole', name: `${unique}-canonical` },
    }),
    aClusterObject('admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration', `${unique}-canonical`, {
      webhooks: [
        {
          name: 'pods.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { name: 'hook', namespace, path: '/' } },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': unique } },
          objectSelector: {},
          matchConditions: [],
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
      ],
    }),
  ];
}
