import { intentName } from '../../../../schemas/node/config-maps.ts';
import type { DriverPackage } from '../../../../schemas/drivers/package.ts';
import { targetKey } from '../../../../schemas/drivers/target.ts';
import { replaceConsent } from '../../drivers/consents.ts';
import type { AcceptanceAsked, RegistryAnswers } from '../../drivers/decision.ts';
import type { DriverCell, DriversSeen, NodeDrivers, RegistryAnswer } from '../../drivers/drivers.ts';
import { objectId, type ObjectId } from '../../kube/object.ts';
import type { AgentReport } from '../../nodes/agent-report.ts';
import type { NodesUnread } from '../../nodes/nodes-seen.ts';
import { driverRequest, type RequestBeside } from './driver-consents.ts';
import { type ApprovalRequest, DRIVER_ACTIONS } from './request.ts';

/** What a person may have consented to already for nodes that have not followed yet: only what names a package that is there. */
export function requestsToCome({ cells, nodes }: DriversSeen, cluster: string): readonly ApprovalRequest[] {
  const packageOf = packagesIn(cells);
  const found = new Map<string, ApprovalRequest>();
  for (const row of nodes) {
    for (const request of requestsOf(row, packageOf(row), cluster)) found.set(request.digest, request);
  }
  return [...found.values()];
}

/** What finds the package that a node is to have, where there is one. */
function packagesIn(cells: readonly DriverCell[]): (row: NodeDrivers) => DriverPackage | undefined {
  const ofNode = new Map(
    cells.flatMap((cell) => cell.nodes.map((node) => [`${node} ${targetKey(cell.target)}`, cell] as const)),
  );
  return ({ node, target }) => target && ofNode.get(`${node} ${targetKey(target)}`)?.package;
}

function requestsOf(
  { owner, report, load }: NodeDrivers,
  about: DriverPackage | undefined,
  cluster: string,
): readonly ApprovalRequest[] {
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

/** What a pass has seen of what drivers are decided by. */
interface DriversKnown {
  readonly decision: { readonly seen: DriversSeen };
  readonly nodes: { readonly reports: ReadonlyMap<string, AgentReport> } | NodesUnread | undefined;
  readonly answers: RegistryAnswers;
}

/**
 * What may be asked for once more although nothing asks for it now: nodes, or one that is to have drivers, could not be seen, its
 * package is not there yet, or a registry does not say what it has.
 */
export function unclearActions({ decision, nodes, answers }: DriversKnown): ReadonlySet<string> {
  const { seen } = decision;
  const reports = nodes === undefined || 'unread' in nodes ? undefined : nodes.reports;
  const packageOf = packagesIn(seen.cells);
  const isClear = (row: NodeDrivers) =>
    reports?.get(row.node)?.state === 'told' && packageOf(row) !== undefined;
  if (seen.unread !== undefined || !seen.nodes.every(isClear)) return new Set(DRIVER_ACTIONS);
  return new Set([...answers.values()].some(isUnsaid) ? ['accept-driver-package'] : []);
}

function isUnsaid(answer: RegistryAnswer): boolean {
  return answer.state === 'unknown' || (answer.state === 'not-asked' && answer.isForNow === true);
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
