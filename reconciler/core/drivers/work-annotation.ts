import * as z from 'zod';
import { DriverPackage } from '../../../schemas/drivers/package.ts';
import { DriverTarget } from '../../../schemas/drivers/target.ts';
import { DriversIntent } from '../../../schemas/node/drivers.ts';
import { canonicalJson } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';
import type { DriverPodWanted } from './decision.ts';

/** Annotation of pods that build, fetch or load drivers: what the pod was made for. */
export const DRIVER_WORK = 'weka-gitops.dev/driver-work';

/** What a live pod was made for. */
export const DriverWorkOrder = z.object({
  does: z.enum(['build', 'fetch', 'load']),
  service: z.string().max(600),
  target: DriverTarget.optional(),
  node: z.string().max(253).optional(),
  owner: z.string().max(600).optional(),
  image: z.string().max(600).optional(),
  imagePullSecret: z.string().max(253).optional(),
  buildId: z.string().max(128).optional(),
  package: DriverPackage.optional(),
  url: z.string().max(600).optional(),
  replace: DriversIntent.shape.replace.optional(),
  isAhead: z.literal(true).optional(),
  answers: z.array(z.string().max(64)).max(5000).optional(),
  /** Digest over how it does it, which a person consents to. */
  how: z.string().max(64).optional(),
});
export type DriverWorkOrder = z.infer<typeof DriverWorkOrder>;

/** The annotation's text for a pod that is to be there. Whoever makes the pod puts it there under `DRIVER_WORK`. */
export function driverWorkText({ again: _again, live: _live, ...order }: DriverPodWanted): string {
  return canonicalJson(order);
}

/** What a pod was made for; undefined for pods that do nothing about drivers, or whose annotation is not ours. */
export function driverWorkOrder({
  kind,
  metadata,
}: Pick<KubeObject, 'kind' | 'metadata'>): DriverWorkOrder | undefined {
  const text = metadata.annotations?.[DRIVER_WORK];
  if (kind !== 'Pod' || text === undefined) return undefined;
  try {
    return DriverWorkOrder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
