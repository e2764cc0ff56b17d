import type { Taint } from '../facts/node-facts.ts';

const ON = 'node.kubernetes.io/';

/** Taints that the control plane puts on a node for as long as it is out of service, by why it is that. */
export function troubleTaints(obstacle: string): readonly Taint[] {
  const taint = (name: string) => ({ key: `${ON}${name}`, value: '', effect: 'NoSchedule' });
  switch (obstacle) {
    case 'is cordoned':
      return [taint('unschedulable')];
    case 'is not ready':
      // The API server makes every pod tolerate the NoExecute that comes with it, for some minutes.
      return [taint('not-ready')];
    case 'has DiskPressure':
      return [taint('disk-pressure')];
    case 'has MemoryPressure':
      return [taint('memory-pressure')];
    case 'has PIDPressure':
      return [taint('pid-pressure')];
    case 'has no network':
      return [taint('network-unavailable')];
    default:
      return [];
  }
}
