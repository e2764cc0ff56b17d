import { describe, expect, it } from 'vitest';
import { findObject, parseTarget } from '../../../../reconciler/core/explain/target.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';

const KNOWN = [
  'apps/v1/Deployment/monitoring/exporter',
  'apps/v1/Deployment/monitoring/report',
  'apps/v1/Deployment/other/report',
  'v1/ConfigMap/weka/site',
  'v1/Namespace/weka',
  'weka.weka.io/v1alpha1/WekaContainer/weka/dist',
] as readonly string[] as readonly ObjectId[];

/** The id that a text stands for, the reference that the cluster is asked for, or what is said instead. */
function looked(text: string): string {
  const target = parseTarget(text);
  if ('message' in target) return `${target.message} ${target.hint}`;
  if (target.kind !== 'object') return `${target.kind} ${target.name ?? '-'}`;
  const found = findObject(target, KNOWN);
  switch (found.found) {
    case 'id':
      return found.id;
    case 'reference':
      return `ask for ${found.reference.kind} ${found.reference.metadata.namespace ?? '-'} ${found.reference.metadata.name}`;
    case 'nothing':
      return `${found.message} ${found.hint}`;
  }
}

describe('a target', () => {
  it.each([
    ['apps/v1/Deployment/monitoring/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['v1/ConfigMap/weka/site', 'v1/ConfigMap/weka/site'],
    ['v1/Namespace/weka', 'v1/Namespace/weka'],
    ['weka.weka.io/v1alpha1/WekaContainer/weka/dist', 'weka.weka.io/v1alpha1/WekaContainer/weka/dist'],
    ['deployment/monitoring/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['Deployments/monitoring/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['deploy/monitoring/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['deployment.apps/monitoring/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['deployment/exporter', 'apps/v1/Deployment/monitoring/exporter'],
    ['cm/weka/site', 'v1/ConfigMap/weka/site'],
    ['ns/weka', 'v1/Namespace/weka'],
    ['wekacontainer/weka/dist', 'weka.weka.io/v1alpha1/WekaContainer/weka/dist'],
    ['node/hall-1-a', 'node hall-1-a'],
    ['Nodes/hall-1-a', 'node hall-1-a'],
    ['drive/S1', 'drive S1'],
    ['drivers', 'drivers -'],
    ['Drivers/', 'drivers -'],
    ['drivers/4.4.5.118', 'drivers 4.4.5.118'],
    ['driver/4.4.5/6.8.0-45-generic', 'drivers 4.4.5/6.8.0-45-generic'],
    ['drive//dev/disk/by-id/nvme-x', 'drive /dev/disk/by-id/nvme-x'],
    ['service/monitoring/exporter', 'ask for Service monitoring exporter'],
    ['storageclass/fast', 'ask for StorageClass - fast'],
  ])('%s is %s', (text, expected) => {
    expect(looked(text)).toBe(expected);
  });

  it('that may be several says which', () => {
    expect(looked('deployment/report')).toBe(
      'Deployment/report may be any of apps/v1/Deployment/monitoring/report, apps/v1/Deployment/other/report. ' +
        'Name its namespace, or write it as plans do.',
    );
  });

  it('that nobody knows names the nearest', () => {
    expect(looked('wekacontainer/weka/dits')).toBe(
      'There is no WekaContainer/weka/dits, neither in the repository nor in the cluster. ' +
        'Did you mean weka.weka.io/v1alpha1/WekaContainer/weka/dist?',
    );
    expect(looked('deployment/exportr')).toContain('Did you mean apps/v1/Deployment/monitoring/exporter?');
  });

  it('of a misspelt kind, or of no shape, says what to write', () => {
    expect(looked('deploymnet/monitoring/exporter')).toBe(
      '"deploymnet" is none of the kinds that weka-gitops manages. Did you mean deployment/monitoring/exporter?',
    );
    expect(looked('apps/v2/Deployment/monitoring/exporter')).toBe(
      '"Deployment" of apps/v2 is none of the kinds that weka-gitops manages. Did you mean deployment/monitoring/exporter?',
    );
    expect(looked('deployment')).toMatch(/^"deployment" does not say what to explain\. Write KIND/);
    expect(looked('deployment/a/b/c')).toMatch(/^"deployment\/a\/b\/c" does not say/);
    expect(looked('node/')).toMatch(/^"node\/" does not say/);
    expect(looked('frobnicator/a/b')).toBe(
      '"frobnicator" is none of the kinds that weka-gitops manages. Ask kubectl about other kinds.',
    );
  });
});
