import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** Which override wins in an upgrade (weka-operator §2.7): upgradePaused holds, upgradeAllAtOnce knows no phases. */
export const upgradeOverrides: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Of two overrides that contradict each other one has no effect, and an upgrade goes otherwise than planned.',
  example: {
    wrong: 'spec:\n  overrides: { upgradePaused: true, upgradeAllAtOnce: true }',
    right: 'spec:\n  overrides: { upgradePaused: true }',
  },
  check: eachCluster(function* ({ overrides = {} }) {
    const { upgradePaused, upgradeAllAtOnce, upgradePausePreCompute, upgradeForceReplace } = overrides;
    const { upgradeForceReplaceDrives } = overrides;
    const pair = (field: string, message: string, hint: string) => ({
      path: ['spec', 'overrides', field],
      at: 'name' as const,
      message,
      hint,
    });
    if (upgradePaused === true && upgradeAllAtOnce === true) {
      yield pair(
        'upgradeAllAtOnce',
        'Nothing is upgraded at once while upgradePaused holds every upgrade.',
        'Remove upgradePaused to upgrade, or upgradeAllAtOnce to hold.',
      );
    } else if (upgradeAllAtOnce === true && upgradePausePreCompute === true) {
      yield pair(
        'upgradePausePreCompute',
        'An upgrade of all containers at once has no phases to stop between.',
        'Remove upgradeAllAtOnce, or upgradePausePreCompute.',
      );
    }
    if (upgradeForceReplace === true && upgradeForceReplaceDrives === true) {
      yield pair(
        'upgradeForceReplaceDrives',
        'upgradeForceReplace ends drive containers at once too.',
        'Remove upgradeForceReplaceDrives, or upgradeForceReplace to end only those.',
      );
    }
  }),
};
