import type { CommitState } from '../../../schemas/output/commit-state.ts';
import { driversThatNeedPerson } from '../drivers/needs-person.ts';
import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { isClean, type Report } from './report.ts';
import { isError } from '../spec/finding.ts';

/** To what a commit has come. */
export interface CommitEnd {
  readonly commit: string;
  readonly state: CommitState;
  /** A hash of what is in the way: with another one it is other news. */
  readonly detail: string;
}

/** To what the commit of a report has come; undefined while it is still on its way. */
export function commitEnd(report: Report): CommitEnd | undefined {
  const { commit, changes, findings, outcomes, health, awaited = [], brake } = report;
  const end = (state: CommitState, ...inTheWay: readonly unknown[]): CommitEnd => ({
    commit,
    state,
    detail: inTheWay.length === 0 ? '' : sha256Hex(canonicalJson(inTheWay)),
  });
  const faults = findings.filter(isError).map(({ file, line, rule }) => [file, line, rule]);
  const failed = outcomes.flatMap((outcome) =>
    outcome.result === 'failed' ? [[outcome.change.id, outcome.code]] : [],
  );
  const refused = changes.flatMap(({ op, id }) => (op === 'refuse' ? [id] : []));
  const broken = [...health].flatMap(([id, { state }]) => (state === 'failed' ? [id] : []));
  if (faults.length + failed.length + refused.length + broken.length > 0) {
    return end('failed', faults, failed, refused, broken.toSorted());
  }
  if (brake?.state === 'suspended') return end('waiting', brake.reason);
  if (awaited.length > 0) return end('waiting', awaited.map(({ request }) => request.digest).toSorted());
  if (!isClean(report)) {
    const waits = changes.flatMap(({ op, id }) => (op === 'wait' ? [id] : []));
    const drivers = driversThatNeedPerson(report.drivers);
    if (drivers.length > 0) return end('waiting', waits, drivers);
    return waits.length === 0 ? undefined : end('waiting', waits);
  }
  return end([...health.values()].every(({ state }) => state === 'current') ? 'healthy' : 'applied');
}
