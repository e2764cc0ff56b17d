import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** What is made of the filesystem `default` (weka-operator §2.8: cluster_skip_default_fs). */
export const skipDefaultFilesystem: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Audit and the storage classes of the CSI driver are set up for the filesystem default, and fail where there is none.',
  example: {
    wrong: 'spec:\n  overrides: { skipDefaultFilesystemCreation: true }\n  csiConfig: { csiGroup: prod }',
    right: 'spec:\n  csiConfig: { csiGroup: prod }',
  },
  check: eachCluster(function* ({ overrides, telemetry, csiConfig }) {
    if (overrides?.skipDefaultFilesystemCreation !== true) return;
    const needs = [
      ...(telemetry?.exports?.length ? ['telemetry.exports audits it'] : []),
      ...(csiConfig === undefined ? [] : ['storage classes of the CSI driver name it']),
    ];
    if (needs.length === 0) return;
    yield {
      path: ['spec', 'overrides', 'skipDefaultFilesystemCreation'],
      message: `The filesystem default is not made, but ${needs.join(' and ')}.`,
      hint: 'Remove the override, or make a filesystem of that name yourself.',
    };
  }),
};
