import { intentName } from '../../../../schemas/node/config-maps.ts';
import { targetKey } from '../../../../schemas/drivers/target.ts';
import { replaceConsent } from '../../drivers/consents.ts';
import type { AcceptanceAsked } from '../../drivers/decision.ts';
import type { DriverCell, DriversSeen, NodeDrivers } from '../../drivers/drivers.ts';
import { objectId, type ObjectId } from '../../kube/object.ts';
import { driverRequest, type RequestBeside } from './driver-consents.ts';
import type { ApprovalRequest } from './request.ts';

/** What a person may have consented to already for nodes that have not followed yet: only what names a package that is there. */
export function requestsToCome({ cells, nodes }: DriversSeen, cluster: string): readonly ApprovalRequest[] {
  const ofNode = new Map(
    cells.flatMap((cell) => cell.nodes.map((node) => [`${node} ${targetKey(cell.target)}`, cell] as const)),
  );
  const found = new Map<string, ApprovalRequest>();
  for (const row of nodes) {
    for (const request of requestsOf(row, ofNode, cluster)) found.set(request.digest, request);
  }
  return [...found.values()];
}

function requestsOf(
  { node, target, owner, report, load }: NodeDrivers,
  ofNode: ReadonlyMap<string, DriverCell>,
  cluster: string,
): readonly ApprovalRequest[] {
  const about = target && ofNode.get(`${node} ${targetKey(target)}`)?.package;
  const byPod = load?.result?.result === 'loaded' ? load.result.package : undefined;
  const loaded = report?.loaded ?? byPod;
  if (about === undefined || owner === undefined || loaded === undefined) return [];
  if (loaded.sha256 === about.sha256) return [];
  const [kind = '', name = ''] = owner.split(' ');
  const id = `weka.weka.io/v1alpha1/${kind}/${name}` as ObjectId;
  const versions = {
    from: loaded.version,
    fromSha256: loaded.sha256,
    to: about.version,
    sha256: about.sha256,
  };
  return ['unused', 'drain'].map((how) => driverRequest(replaceConsent(id, { ...versions, how }), cluster));
}

/** Consent to packages that are offered in place of trusted ones, and the intents of the nodes that would be asked for them. */
export function acceptancesBeside(
  offered: readonly AcceptanceAsked[],
  cluster: string,
  agentNamespace: string,
): readonly RequestBeside[] {
  return offered.map(({ consent, nodes }) => ({
    request: driverRequest(consent, cluster),
    targets: nodes.map((node) =>
      objectId({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: intentName(node), namespace: agentNamespace },
      }),
    ),
  }));
}
