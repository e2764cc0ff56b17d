import { describe, expect, it } from 'vitest';
import { DynamicTemplate } from '../../../../../schemas/weka/cluster-template.ts';
import { coreBalance } from '../../../../../reconciler/core/lint/cluster/core-balance.ts';

const cluster = (template: object) => ({ dynamicTemplate: DynamicTemplate.parse(template) });

describe('coreBalance', () => {
  it.each([
    [{}, 6, 6],
    [{ computeContainers: 10, computeCores: 2, driveContainers: 8, driveCores: 3 }, 20, 24],
    [{ computeCores: 0, driveCores: 0 }, 6, 6],
  ])('of %o', (template, compute, drive) => {
    expect(coreBalance(cluster(template))).toMatchObject({ compute, drive });
  });

  it('is for the plan to say where the cluster has a capacity', () => {
    expect(coreBalance(cluster({ clusterCapacity: '500TiB', driveCores: 4 }))).toBeUndefined();
  });
});
