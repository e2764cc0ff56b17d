import { describe, expect, it } from 'vitest';
import { WekaClient } from '../../schemas/weka-client.ts';
import { WekaCluster } from '../../schemas/weka-cluster.ts';
import { WekaContainer } from '../../schemas/weka-container.ts';
import { WekaManualOperation } from '../../schemas/weka-manual-operation.ts';
import { WekaPolicy } from '../../schemas/weka-policy.ts';
import { clientSizingOf, sizingOf } from '../../schemas/weka/sizing.ts';

const image = 'quay.io/weka.io/weka-in-container:4.4.10';

function manifest<Kind extends string>(kind: Kind, spec: object) {
  return { apiVersion: 'weka.weka.io/v1alpha1', kind, metadata: { name: 'demo', namespace: 'weka' }, spec };
}

function cluster(spec: object = {}): WekaCluster {
  return WekaCluster.parse(manifest('WekaCluster', { image, ...spec }));
}

function client(spec: object = {}): WekaClient {
  return WekaClient.parse(manifest('WekaClient', { image, ...spec }));
}

describe('defaults of a WekaCluster', () => {
  it('are six containers of one core that compute, and six that own drives', () => {
    expect(cluster().spec).toMatchObject({
      template: 'dynamic',
      cpuPolicy: 'auto',
      ipv6: false,
      hotSpare: 0,
      gracefulDestroyDuration: '24h',
      tracesConfiguration: { maxCapacityPerIoNode: 10, ensureFreeSpace: 20, dumperConfigMode: 'auto' },
      dynamicTemplate: {
        computeContainers: 6,
        driveContainers: 6,
        s3Containers: 0,
        nfsContainers: 0,
        smbwContainers: 0,
        dataServicesContainers: 0,
        computeCores: 1,
        driveCores: 1,
        s3Cores: 1,
        nfsCores: 1,
        smbwCores: 1,
        dataServicesCores: 1,
        dataServicesFeCores: 1,
        s3ExtraCores: 1,
        nfsExtraCores: 1,
      },
    });
  });

  it('hold within the parts that a manifest sets', () => {
    const { spec } = cluster({
      wekaHome: {},
      encryption: { vault: { address: 'https://vault', role: 'weka' } },
      smbw: { domainName: 'example.com', domainJoinSecret: 'join' },
      catalog: {},
      network: {},
      overrides: {},
      dynamicTemplate: { driveTypesRatio: { tlc: 1 } },
    });
    expect(spec).toMatchObject({
      wekaHome: { endpoint: 'https://api.home.weka.io', allowInsecure: false, enableStats: true },
      encryption: {
        vault: { authPath: 'kubernetes', transitPath: 'transit', method: 'kubernetes', keyName: 'weka-key' },
      },
      smbw: { clusterName: 'default' },
      catalog: { indexInterval: '1d', retentionPeriod: '30d' },
      network: { bindManagementAll: false },
      overrides: { podTerminationDeactivationTimeout: '5m' },
      dynamicTemplate: { driveTypesRatio: { tlc: 1, qlc: 0 }, computeContainers: 6 },
    });
  });

  it('count drives only where no capacity says otherwise', () => {
    const drives = (dynamicTemplate: object): number => sizingOf(cluster({ dynamicTemplate }).spec).numDrives;
    expect(cluster().spec.dynamicTemplate.numDrives).toBeUndefined();
    expect(drives({})).toBe(1);
    expect(drives({ numDrives: 4 })).toBe(4);
    expect(drives({ driveCapacity: 1000 })).toBe(1);
    expect(drives({ containerCapacity: 1000 })).toBe(0);
    expect(drives({ clusterCapacity: '500TiB' })).toBe(0);
  });

  it('take 0 compute or drive containers as containers that are not counted', () => {
    const { spec } = cluster({ dynamicTemplate: { computeContainers: 0, driveContainers: 0 } });
    expect(sizingOf(spec)).toMatchObject({ computeContainers: 6, driveContainers: 6, s3Containers: 0 });
    const counted = cluster({
      dynamicTemplate: { computeContainers: 5, driveContainers: 7, s3Containers: 2 },
    });
    expect(sizingOf(counted.spec)).toMatchObject({
      computeContainers: 5,
      driveContainers: 7,
      s3Containers: 2,
    });
  });

  it('take cores of 0 as cores that are not set', () => {
    const { spec } = cluster({
      dynamicTemplate: { computeCores: 0, driveCores: 3, s3ExtraCores: 0, numDrives: 0 },
    });
    expect(sizingOf(spec)).toMatchObject({ computeCores: 1, driveCores: 3, s3ExtraCores: 1, numDrives: 1 });
  });
});

describe('defaults of the other kinds', () => {
  it('of a WekaClient', () => {
    expect(client({ portRange: {} }).spec).toMatchObject({
      port: 0,
      agentPort: 0,
      portRange: { basePort: 45_000, portRange: 0 },
      cpuPolicy: 'auto',
      coresNum: 1,
      hugepagesOffset: 200,
      upgradePolicy: { type: 'rolling' },
      autoRemoveTimeout: '24h',
    });
    expect(clientSizingOf(client().spec)).toEqual({ cores: 1, hugepagesMiB: 1500 });
    expect(clientSizingOf(client({ coresNum: 3, hugepages: 0 }).spec)).toEqual({
      cores: 3,
      hugepagesMiB: 4500,
    });
    expect(clientSizingOf(client({ hugepages: 2000 }).spec)).toEqual({ cores: 1, hugepagesMiB: 2000 });
  });

  it('of a WekaContainer', () => {
    const { spec } = WekaContainer.parse(manifest('WekaContainer', { image, mode: 'drive' }));
    expect(spec).toMatchObject({ cpuPolicy: 'auto', upgradePolicyType: 'manual', state: 'active' });
  });

  it('of a WekaPolicy and a WekaManualOperation', () => {
    const policy = WekaPolicy.parse(
      manifest('WekaPolicy', {
        type: 'enable-local-drivers-distribution',
        payload: { driverDistPayload: {}, cleanStaleVirtualDrivesPayload: {} },
      }),
    );
    expect(policy.spec.payload).toEqual({
      interval: '5m',
      driverDistPayload: {
        kernelLabelKey: 'weka.io/kernel',
        architectureLabelKey: 'weka.io/architecture',
        osLabelKey: 'weka.io/os',
      },
      cleanStaleVirtualDrivesPayload: { deleteStaleVids: false },
    });
    const operation = WekaManualOperation.parse(
      manifest('WekaManualOperation', { action: 'discover-drives', payload: {} }),
    );
    expect(operation.spec.deletionDelay).toBe('5m');
  });
});
