import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import type { CellWant } from './cell-wants.ts';
import type { RegistryQuestion } from './decision.ts';
import { isWebService } from './driver-service.ts';
import type { DriverService } from './drivers.ts';
import type { PinnedPackage } from './lock.ts';
import { orderedTarget, type Pins } from './pins.ts';

function registryQuestion(registry: string, target: DriverTarget): RegistryQuestion {
  const plain = registry.replace(/\/+$/, '');
  return { key: `${plain} ${targetKey(target)}`, registry: plain, target };
}

/** What is asked of the service itself, where that is none of this cluster. */
export function directQuestion(
  service: DriverService | undefined,
  target: DriverTarget,
): RegistryQuestion | undefined {
  if (service === undefined || service.inCluster !== undefined || !isWebService(service)) return undefined;
  return registryQuestion(service.url, target);
}

/**
 * Who is asked about a cell: where a pinned package came from, whether that is still what is there; where nothing is pinned, the
 * service itself if it is none of this cluster, else the registry of Settings, and so where nobody knows any more where it came from. Nobody, where a builder made the pinned one, or
 * builds it of its own accord.
 */
export function cellQuestion(
  { service, targets, builder }: Pick<CellWant, 'service' | 'targets' | 'builder'>,
  pins: Pins,
  registry: string,
): RegistryQuestion | undefined {
  if (service === undefined || builder !== undefined) return undefined;
  const pinned = pins.find(service.key, targets);
  if (pinned !== undefined) return originQuestion(pinned, service, registry);
  // Others call the builds for Ubuntu 24 by a name that builders of this cluster do not use.
  const theirs = targets.at(-1) ?? targets[0];
  return service.inCluster === undefined
    ? directQuestion(service, targets[0])
    : registryQuestion(registry, theirs);
}

function originQuestion(
  { package: about, origin }: PinnedPackage,
  service: DriverService,
  registry: string,
): RegistryQuestion | undefined {
  if (origin.kind === 'builder') return undefined;
  if (origin.kind === 'unknown') {
    const target = orderedTarget(about);
    return service.inCluster === undefined
      ? directQuestion(service, target)
      : registryQuestion(registry, target);
  }
  const end = `${DRIVERS_PATH}/${about.file}`;
  if (!origin.url.endsWith(end)) return undefined;
  return registryQuestion(origin.url.slice(0, -end.length), orderedTarget(about));
}
