import { z } from 'zod';

const Text = z.record(z.string(), z.string());

/** Metadata that an author writes. What only the API server writes is no part of a manifest. */
export const Metadata = z.strictObject({
  name: z.string().min(1).describe('Name of the object, unique among its kind and namespace.'),
  namespace: z.string().min(1).optional().describe('Namespace of the object.'),
  labels: Text.optional().describe('Labels, for selectors and for people.'),
  annotations: Text.optional().describe('Annotations, for programs and for people.'),
});

/** Metadata of an object that stands in a namespace. */
export const NamespacedMetadata = Metadata.extend({
  namespace: z.string().min(1).describe('Namespace of the object.'),
});

/** A span of time as Go writes it, with days and weeks besides: `90s`, `1h30m`, `7d`. */
export const Duration = z
  .string()
  .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$/, 'must be a duration such as 90s, 8h or 7d');

/** A span of time as Kubernetes reads it: hours are the largest unit. */
export const KubeDuration = z
  .string()
  .regex(/^(0|[-+]?([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$/, 'must be a duration such as 90s, 5m or 24h');

/** The texts that Kubernetes reads as an amount: `500m`, `1.5`, `2Gi`, `1e3`. */
export const QUANTITY = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** An amount of CPU, memory or another resource. */
export const Quantity = z.union(
  [z.number(), z.string().regex(QUANTITY, 'must be a quantity such as 500m or 2Gi')],
  {
    error: 'must be a quantity such as 500m or 2Gi',
  },
);

export const Port = z.int().min(0).max(65_535);

const LabelSelectorRequirement = z.strictObject({
  key: z.string().min(1).describe('Label that is looked at.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How it is compared.'),
  values: z.array(z.string()).optional().describe('Values for In and NotIn.'),
});

/** Chooses objects by their labels. */
export const LabelSelector = z.strictObject({
  matchLabels: Text.optional().describe('Labels that an object must have with these values.'),
  matchExpressions: z
    .array(LabelSelectorRequirement)
    .optional()
    .describe('Conditions on labels; all must hold.'),
});

const NodeSelectorRequirement = z.strictObject({
  key: z.string().min(1).describe('Label or field of the node that is looked at.'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How it is compared.'),
  values: z.array(z.string()).optional().describe('Values to compare with.'),
});

const NodeSelectorTerm = z.strictObject({
  matchExpressions: z
    .array(NodeSelectorRequirement)
    .optional()
    .describe('Conditions on labels; all must hold.'),
  matchFields: z.array(NodeSelectorRequirement).optional().describe('Conditions on fields; all must hold.'),
});

const PodAffinityTerm = z.strictObject({
  labelSelector: LabelSelector.optional().describe('Pods that are meant.'),
  matchLabelKeys: z.array(z.string()).optional().describe('Labels whose values the other pods must share.'),
  mismatchLabelKeys: z.array(z.string()).optional().describe('Labels whose values they must not share.'),
  namespaceSelector: LabelSelector.optional().describe('Namespaces they are looked for in, by label.'),
  namespaces: z.array(z.string()).optional().describe('Namespaces they are looked for in, by name.'),
  topologyKey: z.string().min(1).describe('Node label that says what counts as one place.'),
});

const PodAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .array(PodAffinityTerm)
    .optional()
    .describe('What must hold.'),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight: z.int().min(1).max(100), podAffinityTerm: PodAffinityTerm }))
    .optional()
    .describe('What is better where it holds.'),
});

/** Where a pod may or should run, as Kubernetes reads it. */
export const Affinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(NodeSelectorTerm).describe('Terms; one must hold.') })
        .optional()
        .describe('What a node must be.'),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.strictObject({ weight: z.int().min(1).max(100), preference: NodeSelectorTerm }))
        .optional()
        .describe('What a node had better be.'),
    })
    .optional()
    .describe('Which nodes.'),
  podAffinity: PodAffinity.optional().describe('Beside which pods.'),
  podAntiAffinity: PodAffinity.optional().describe('Away from which pods.'),
});

/** A taint that a pod puts up with. */
export const Toleration = z.strictObject({
  key: z.string().optional().describe('Key of the taint; every taint where unset.'),
  operator: z
    .enum(['Exists', 'Equal', 'Gt', 'Lt'])
    .optional()
    .describe('How its value is compared; Equal where unset.'),
  value: z.string().optional().describe('Value of the taint.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Effect; all where unset.'),
  tolerationSeconds: z.int().optional().describe('How long a NoExecute taint is put up with.'),
});

/** How evenly pods spread over places. */
export const TopologySpreadConstraint = z.strictObject({
  maxSkew: z.int().min(1).describe('Pods by which two places may differ.'),
  topologyKey: z.string().min(1).describe('Node label that says what counts as one place.'),
  whenUnsatisfiable: z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('What happens where it cannot hold.'),
  labelSelector: LabelSelector.optional().describe('Pods that are counted.'),
  matchLabelKeys: z.array(z.string()).optional().describe('Labels whose values counted pods share.'),
  minDomains: z.int().min(1).optional().describe('Places that there must be.'),
  nodeAffinityPolicy: z
    .enum(['Honor', 'Ignore'])
    .optional()
    .describe('Whether the pod’s node affinity counts.'),
  nodeTaintsPolicy: z.enum(['Honor', 'Ignore']).optional().describe('Whether taints of nodes count.'),
});

/** A port that a container names. */
export const ContainerPort = z.strictObject({
  containerPort: Port.min(1).describe('Port in the pod.'),
  name: z.string().min(1).optional().describe('Name that a Service may use.'),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional().describe('Protocol; TCP where unset.'),
  hostPort: Port.optional().describe('Port on the node.'),
  hostIP: z.string().optional().describe('Address on the node.'),
});

const KeySelector = z.strictObject({
  name: z.string().min(1).describe('Name of the object in the same namespace.'),
  key: z.string().min(1).describe('Key within it.'),
  optional: z.boolean().optional().describe('Whether it may be missing.'),
});

/** Where the value of an environment variable comes from. */
export const EnvVarSource = z.strictObject({
  secretKeyRef: KeySelector.optional().describe('A key of a Secret.'),
  configMapKeyRef: KeySelector.optional().describe('A key of a ConfigMap.'),
  fieldRef: z
    .strictObject({ fieldPath: z.string().min(1), apiVersion: z.string().optional() })
    .optional()
    .describe('A field of the pod.'),
  resourceFieldRef: z
    .strictObject({
      resource: z.string().min(1),
      containerName: z.string().optional(),
      divisor: Quantity.optional(),
    })
    .optional()
    .describe('A resource of a container.'),
  fileKeyRef: z
    .strictObject({
      volumeName: z.string().min(1),
      path: z.string().min(1),
      key: z.string().min(1),
      optional: z.boolean().optional(),
    })
    .optional()
    .describe('A key of a file in a volume.'),
});

const PodResources = z.strictObject({
  cpu: Quantity.optional().describe('CPU cores.'),
  memory: Quantity.optional().describe('Memory.'),
  'hugepages-2Mi': Quantity.optional().describe('Memory in 2 MiB pages.'),
});

/** CPU and memory of a pod of WEKA. */
export const PodResourcesSpec = z.strictObject({
  requests: PodResources.optional().describe('What the scheduler sets aside.'),
  limits: PodResources.optional().describe('What the pod may use at most.'),
});

const NetworkSelector = z.strictObject({
  subnet: z.string().optional().describe('Devices with an address in this subnet.'),
  min: z.int().min(0).optional().describe('Devices that there must be.'),
  max: z.int().min(0).optional().describe('Devices that are used at most.'),
  deviceNames: z.array(z.string()).optional().describe('Devices by name.'),
  rdmaOnly: z.boolean().optional().describe('Whether the devices serve RDMA only.'),
  disableRdma: z.boolean().optional().describe('Whether RDMA is off on them.'),
});

/** Network devices that a container of WEKA uses. */
export const Network = z.strictObject({
  ethDevice: z.string().optional().describe('The one device.'),
  ethDevices: z.array(z.string()).optional().describe('Several devices.'),
  gateway: z.string().optional().describe('Gateway of the data path.'),
  netmask: z.string().optional().describe('Netmask of the data path.'),
  udpMode: z.boolean().optional().describe('Whether to do without DPDK.'),
  deviceSubnets: z.array(z.string()).optional().describe('Devices by the subnets of their addresses.'),
  selectors: z.array(NetworkSelector).optional().describe('Devices by conditions.'),
  managementIpsSelectors: z.array(NetworkSelector).optional().describe('Management addresses by conditions.'),
  bindManagementAll: z.boolean().optional().describe('Whether management listens on all addresses.'),
  nvidiaVfSingleIp: z.boolean().optional().describe('Whether virtual functions share one address.'),
  allocateVfPerIoNode: z.boolean().optional().describe('Whether each IO core gets a virtual function.'),
});

/** How much the trace dumper keeps. */
export const TracesConfiguration = z.strictObject({
  maxCapacityPerIoNode: z.int().min(0).optional().describe('GB of traces for each IO core; 10 where unset.'),
  ensureFreeSpace: z.int().min(0).optional().describe('GB that stay free on the disk; 20 where unset.'),
  dumperConfigMode: z
    .enum(['auto', 'override', 'partial-override', 'cluster'])
    .optional()
    .describe('Whose settings the dumper follows; auto where unset.'),
});

/** Shares of drive types in a capacity. */
export const DriveTypesRatio = z.strictObject({
  tlc: z.int().min(0).optional().describe('Share on TLC drives.'),
  qlc: z.int().min(0).optional().describe('Share on QLC drives.'),
});

/** A claim that keeps state instead of the node’s disk. */
export const PvcConfig = z.strictObject({
  name: z.string().min(1).describe('Name of the PersistentVolumeClaim in the same namespace.'),
  path: z.string().optional().describe('Folder within it.'),
});

/** How hosts are told apart for the protection of data. */
export const FailureDomain = z.strictObject({
  label: z.string().optional().describe('Node label whose value names the domain.'),
  skew: z.int().optional().describe('Containers by which two domains may differ.'),
  compositeLabels: z
    .array(z.string())
    .optional()
    .describe('Labels that name it together; the others then do not count.'),
});

export const CpuPolicy = z.enum(['auto', 'shared', 'dedicated', 'dedicated_ht', 'manual']);
export const UpgradePolicyType = z.enum(['rolling', 'manual', 'all-at-once', 'all-at-once-force']);
