import { driverWorkOrder } from '../drivers/work-annotation.ts';
import type { ObjectId } from '../kube/object.ts';
import type { DesiredObject } from './desired.ts';
import { targetNamed } from './intent-objects.ts';

/**
 * `desired` where each pod that works on drivers says what a person consents to if it may do more than pods may: that an image
 * loads or builds a version, on whichever nodes. One consent for each of a hundred nodes would be read by nobody.
 */
export function withWorkConsent(desired: readonly DesiredObject[]): readonly DesiredObject[] {
  return desired.map((wanted) => {
    const order = wanted.consent === undefined ? driverWorkOrder(wanted.object) : undefined;
    const { does, owner, image, target } = order ?? {};
    if (does === undefined || does === 'fetch' || owner === undefined || image === undefined) return wanted;
    const version = target?.version;
    const consent = {
      action: `${does}-drivers`,
      target: targetNamed(owner as ObjectId),
      content: { image, ...(version === undefined ? {} : { version }) },
      words: `${image} ${does}s drivers`,
    };
    return { ...wanted, consent };
  });
}
