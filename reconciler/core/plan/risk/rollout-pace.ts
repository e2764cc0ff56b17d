import { type Deed, valueAfter } from './deed.ts';

/**
 * How a workload's pods are replaced once its template changes: `RollingUpdate, at most 1 down at once`. Undefined where
 * they stay until somebody deletes them or lets the rollout go on.
 */
export function paceWords(deed: Deed): string | undefined {
  switch (deed.after?.kind) {
    case 'Deployment':
      return deploymentPace(deed);
    case 'DaemonSet':
      return daemonSetPace(deed);
    case 'StatefulSet':
      return statefulSetPace(deed);
    default:
      return undefined;
  }
}

function deploymentPace(deed: Deed): string | undefined {
  if (valueAfter(deed, 'spec.paused') === true) return undefined;
  if (valueAfter(deed, 'spec.strategy.type') === 'Recreate') return 'Recreate, all down at once';
  const replicas = count(valueAfter(deed, 'spec.replicas')) ?? 1;
  const down = scaled(
    valueAfter(deed, 'spec.strategy.rollingUpdate.maxUnavailable') ?? '25%',
    replicas,
    'down',
  );
  const more = scaled(valueAfter(deed, 'spec.strategy.rollingUpdate.maxSurge') ?? '25%', replicas, 'up');
  // Where both come to nothing the controller takes one down, or it could not begin.
  return rolling(down === 0 && more === 0 ? 1 : down, replicas);
}

function daemonSetPace(deed: Deed): string | undefined {
  if (valueAfter(deed, 'spec.updateStrategy.type') === 'OnDelete') return undefined;
  const pods = count(valueAfter(deed, 'status.desiredNumberScheduled')) ?? 0;
  const down = scaled(valueAfter(deed, 'spec.updateStrategy.rollingUpdate.maxUnavailable') ?? 1, pods, 'up');
  const more = scaled(valueAfter(deed, 'spec.updateStrategy.rollingUpdate.maxSurge') ?? 0, pods, 'up');
  return rolling(down === 0 && more === 0 ? 1 : down, pods);
}

function statefulSetPace(deed: Deed): string | undefined {
  if (valueAfter(deed, 'spec.updateStrategy.type') === 'OnDelete') return undefined;
  const replicas = count(valueAfter(deed, 'spec.replicas')) ?? 1;
  const asked = valueAfter(deed, 'spec.updateStrategy.rollingUpdate.maxUnavailable') ?? 1;
  return rolling(Math.max(1, scaled(asked, replicas, 'down')), replicas);
}

function rolling(down: number, pods: number): string {
  if (down === 0) return 'RollingUpdate, none down before its successor is ready';
  if (down >= pods && pods > 1) return 'RollingUpdate, all down at once';
  return `RollingUpdate, at most ${down} down at once`;
}

/** A number of pods, or a share of them that the controller rounds as `round` says. */
function scaled(value: unknown, pods: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const [, percent] = /^(\d+)%$/.exec(String(value)) ?? [];
  if (percent === undefined) return 0;
  const share = (Number(percent) * pods) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
