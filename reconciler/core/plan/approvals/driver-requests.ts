import { replaceConsent } from '../../desired/intent-objects.ts';
import type { DriversSeen } from '../../drivers/drivers.ts';
import type { ObjectId } from '../../kube/object.ts';
import { type ApprovalRequest, sharedRequest } from './request.ts';

/** What a person may have consented to already for nodes whose packages are not ready yet. */
export function requestsToCome({ nodes }: DriversSeen, cluster: string): readonly ApprovalRequest[] {
  const found = new Map<string, ApprovalRequest>();
  for (const { target, owner, report } of nodes) {
    const from = report?.loaded?.version;
    if (target === undefined || owner === undefined || from === undefined || from === target.version)
      continue;
    const key = `${owner} ${from} ${target.version}`;
    if (found.has(key)) continue;
    const [kind = '', name = ''] = owner.split(' ');
    const id = `weka.weka.io/v1alpha1/${kind}/${name}` as ObjectId;
    for (const how of ['unused', 'drain']) {
      const consent = replaceConsent(id, { from, to: target.version, how });
      found.set(how === 'unused' ? key : `${key} ${how}`, sharedRequest(consent, ['kernel-module'], cluster));
    }
  }
  return [...found.values()];
}
