import { describe, expect, it } from 'vitest';
import { WekaContainer } from '../../schemas/weka-container.ts';

const BARE = {
  apiVersion: 'weka.weka.io/v1alpha1',
  kind: 'WekaContainer',
  metadata: { name: 'a', namespace: 'weka' },
};

/** One value for every field that the operator knows. */
const EVERY_FIELD = {
  nodeAffinity: 'node-a',
  failureDomain: { label: 'rack', skew: 1, compositeLabels: ['a'] },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
  nodeSelector: { a: 'b' },
  port: 14_000,
  exposePorts: [1],
  exposedPorts: [{ name: 'a', containerPort: 1 }],
  agentPort: 14_100,
  portRange: { basePort: 1, portRange: 2 },
  image: 'a:1',
  imagePullSecret: 'a',
  name: 'a',
  mode: 'drive',
  numCores: 1,
  extraCores: 1,
  coreIds: [1],
  cpuPolicy: 'auto',
  network: {
    ethDevice: 'a',
    ethDevices: ['a'],
    gateway: '192.168.10.1',
    udpMode: true,
    deviceSubnets: ['10.0.0.0/16'],
    selectors: [{ subnet: '192.168.10.0/24', min: 1, max: 2, deviceNames: ['a'] }],
    managementIpsSelectors: [],
    bindManagementAll: true,
    nvidiaVfSingleIp: true,
  },
  hugepages: 1,
  hugepagesOffset: 1,
  hugepagesSize: '2Mi',
  hugepagesSizeOverride: 'a',
  numDrives: 1,
  driversDistService: 'a',
  driversLoaderImage: 'a',
  driversBuildId: 'a',
  builder: { weka_version: 'a' },
  wekaSecretRef: { secretKeyRef: { name: 'a', key: 'b' } },
  joinIpPorts: ['a'],
  tracesConfiguration: { maxCapacityPerIoNode: 1, ensureFreeSpace: 1, dumperConfigMode: 'auto' },
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }],
  nodeInfoConfigMap: 'a',
  ipv6: true,
  additionalMemory: 1,
  group: 'a',
  serviceAccountName: 'a',
  additionalSecrets: { a: 'b' },
  instructions: { type: 'a', payload: 'b' },
  dropAffinityConstraints: true,
  uploadResultsTo: 'a',
  upgradePolicyType: 'manual',
  state: 'active',
  allowHotUpgrade: true,
  driveCapacity: 1,
  containerCapacity: 1,
  driveTypesRatio: { tlc: 1, qlc: 1 },
  autoRemoveTimeout: '24h',
  overrides: {
    skipDeactivate: true,
    skipDrivesForceResign: true,
    skipCleanupPersistentDir: true,
    upgradeForceReplace: true,
    upgradePreventEviction: true,
    podDeleteForceReplace: true,
    machineIdentifierNodeRef: 'a',
    preRunScript: 'a',
    forceDrain: true,
    skipActiveMountsCheck: true,
    umountOnHost: true,
    debugSleepOnTerminate: 1,
    migrateOutFromPvc: true,
  },
  hostPID: true,
  resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: 1, memory: '1Gi' } },
  pvc: { name: 'a', path: 'b' },
};

describe('WekaContainer', () => {
  it('takes every field of the operator as it is', () => {
    const manifest = { ...BARE, spec: EVERY_FIELD };
    expect(WekaContainer.parse(manifest)).toMatchObject(manifest);
  });

  it.each(Object.entries(EVERY_FIELD))('knows the type of %s', (name, value) => {
    const wrong = typeof value === 'boolean' ? 'true' : true;
    const result = WekaContainer.safeParse({ ...BARE, spec: { ...EVERY_FIELD, [name]: wrong } });
    expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual([`spec.${name}`]);
  });

  it('needs an image and a mode', () => {
    const issues = WekaContainer.safeParse({ ...BARE, spec: {} }).error?.issues;
    expect(issues?.map(({ path }) => path.join('.'))).toEqual(['spec.image', 'spec.mode']);
  });
});
