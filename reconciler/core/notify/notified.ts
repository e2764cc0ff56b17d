import { Notified } from '../../../schemas/output/notified.ts';
import type { StatusCommit, StatusFile } from '../../ports.ts';
import { canonicalJson } from '../kube/hash.ts';
import type { CommitEnd } from '../report/commit-end.ts';
import { jsonText } from '../report/json.ts';
import { recordedStatus } from '../report/status-page.ts';
import { afterSight, type Digest, NOTHING_TOLD } from './digest.ts';

const FILE = 'notified.json';
/** As many as the status branch has where nothing else is configured. */
const KEEP_COMMITS = 1000;

/** What the branch says that receivers were told; undefined where it says nothing that can be read. */
export function recordedNotified(tip: readonly StatusFile[]): Notified | undefined {
  const file = tip.find(({ path }) => path === FILE);
  if (file === undefined) return undefined;
  try {
    return Notified.safeParse(JSON.parse(file.text)).data;
  } catch {
    return undefined;
  }
}

/** A commit of the branch with that among its files; one of its own where there is no other. */
export function notifiedCommit(
  notified: Notified,
  tip: readonly StatusFile[],
  told?: StatusCommit,
): StatusCommit {
  const { commit, state } = notified;
  const message = `${commit.slice(0, 7)}: notified of ${state}\n\nWeka-Gitops-Commit: ${commit}\n`;
  const { files, ...rest } = told ?? { message, files: tip, keepCommits: KEEP_COMMITS };
  return {
    ...rest,
    files: [...files.filter(({ path }) => path !== FILE), { path: FILE, text: jsonText(notified) }],
  };
}

/** What a receiver was told as far as the branch knows, and what is seen now; nobody looks again, so that it counts as settled. */
export function digestFor(
  receiver: { readonly name: string; readonly on: readonly string[] },
  tip: readonly StatusFile[],
  end: CommitEnd | undefined,
): Digest {
  return afterSight(toldBefore(receiver, tip), end, -Infinity);
}

function toldBefore(
  { name, on }: { readonly name: string; readonly on: readonly string[] },
  tip: readonly StatusFile[],
): Digest {
  const notified = recordedNotified(tip);
  // Who was not told of a failure is not told that it is over either.
  const heedsFailures = on.includes('failed');
  if (notified !== undefined) {
    const { commit, state, detail, failing, untold } = notified;
    const isFailing = failing && heedsFailures;
    return untold.includes(name)
      ? { ...NOTHING_TOLD, isFailing }
      : { ...NOTHING_TOLD, isFailing, told: { commit, state, detail } };
  }
  const status = recordedStatus(tip);
  if (status?.end === undefined)
    return { ...NOTHING_TOLD, isFailing: status?.failing === true && heedsFailures };
  const isFailing = (status.failing ?? status.end.state === 'failed') && heedsFailures;
  return { ...NOTHING_TOLD, isFailing, told: { commit: status.commit, ...status.end } };
}

/** What is to be recorded after the telling; undefined where that is recorded already, or there is nothing to record. */
export function nextNotified(
  tip: readonly StatusFile[],
  end: CommitEnd | undefined,
  untold: readonly string[],
): Notified | undefined {
  if (end === undefined) return undefined;
  const before = recordedNotified(tip);
  const wasFailing = before?.failing ?? recordedStatus(tip)?.failing ?? false;
  const next: Notified = {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Notified',
    ...end,
    failing: end.state === 'failed' || (wasFailing && (end.state !== 'healthy' || untold.length > 0)),
    untold: [...untold].toSorted(),
  };
  return before !== undefined && canonicalJson(before) === canonicalJson(next) ? undefined : next;
}
