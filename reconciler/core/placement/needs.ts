import { COMPANIONS, proxyHugePagesMiB } from '../desired/sizing.ts';
import { NOTHING, plus, resources, type Resources } from '../facts/resources.ts';
import type { PlacementNode } from './input.ts';
import type { NodeSeats } from './node-seats.ts';
import type { Shape } from './wanted.ts';

const MIB = 2 ** 20;

/**
 * What one container takes of a node, with the proxy of shared drives if it is the first that needs one there. `running` is
 * what its pod requests there, where it has one.
 */
export function needOf(shape: Shape, node: NodeSeats, running?: Resources): Resources {
  const own = requestsOn(shape, node.facts, running);
  return shape.sharesDrives && node.proxyUsers === 0 ? plus(own, proxyRequests(node.facts)) : own;
}

/** The same with all that stands beside it. */
export function needTogether(shape: Shape, node: NodeSeats): Resources {
  let need = needOf(shape, node);
  for (const companion of shape.companions) need = plus(need, requestsOn(companion, node.facts));
  return need;
}

/**
 * What the first container of a shape takes of a node, with all that comes along. `running` is what its pod requests
 * there, where it has one.
 */
export function firstNeed(shape: Shape, node: PlacementNode, running?: Resources): Resources {
  let need = requestsOn(shape, node, running);
  if (shape.sharesDrives) need = plus(need, proxyRequests(node));
  for (const companion of shape.companions) need = plus(need, requestsOn(companion, node));
  return need;
}

/** Pods that come with a container, and it itself. */
export function podsTogether(shape: Shape, node: NodeSeats): number {
  return 1 + shape.companions.length + (shape.sharesDrives && node.proxyUsers === 0 ? 1 : 0);
}

/** What of `need` is not free. Where more is set aside than there is, that is missing too. */
export function shortage(need: Resources, free: Resources): Resources {
  return resources((name) => (need[name] > 0 ? Math.max(0, need[name] - free[name]) : 0));
}

/**
 * Requests depend on hyper-threading (weka-operator §2.3). Where neither a report nor an annotation tells of it, the larger
 * amount is needed: that something is unknown lets nothing onto a node. A pod that runs was made when it was known, so that
 * what it has is right, and it does not come to lack cores whenever an agent is away.
 */
function requestsOn({ requests }: Shape, node: PlacementNode, running?: Resources): Resources {
  const isSettled = running !== undefined && running.cpuMillis >= requests.plain.cpuMillis;
  return (node.hyperThreading ?? !isSettled) ? requests.threaded : requests.plain;
}

/** The proxy of all shared drives of a node (weka-operator §2.3). */
function proxyRequests({ annotations }: PlacementNode): Resources {
  const shared = annotations.shared ?? [];
  const largestTiB = Math.max(0, ...shared.map(({ capacityGiB }) => capacityGiB)) / 1024;
  return {
    ...NOTHING,
    cpuMillis: COMPANIONS.driveProxy.cpuMillis,
    memoryBytes: COMPANIONS.driveProxy.memoryMiB * MIB,
    hugePages2MiBytes: proxyHugePagesMiB({ drives: shared.length, largestTiB }) * MIB,
  };
}
