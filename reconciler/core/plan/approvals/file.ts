import { stringify } from 'yaml';
import { prose } from '../../report/plain.ts';
import type { ApprovalRequest } from './request.ts';
import type { ApprovalRules } from './rules.ts';

/** What a person commits to give consent. */
export interface ApprovalFile {
  readonly name: string;
  /** Below the folder that the manifests are in. */
  readonly path: string;
  readonly text: string;
}

/** Longer consent than that is seldom meant. */
const DEFAULT_AGE_MS = 7 * 24 * 3_600_000;

/** Characters of what stands above the file. */
const MOST_WORDS = 1000;

/** The approval that `request` waits for, ready to commit. Names that are taken already belong to other consents. */
export function approvalFile(
  { action, target, digest, words }: ApprovalRequest,
  {
    rules,
    now,
    taken,
    requestedBy,
  }: {
    readonly rules: ApprovalRules;
    readonly now: Date;
    readonly taken: ReadonlySet<string>;
    readonly requestedBy: string;
  },
): ApprovalFile {
  const end = new Date(now.getTime() + Math.min(rules.maxAgeMs, DEFAULT_AGE_MS));
  const name = freeName(`${action}-${target.name}`, taken);
  const approval = {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Approval',
    metadata: { name },
    spec: {
      action,
      target,
      approvalDigest: digest,
      reason: '',
      expires: end.toISOString().replace(/\.\d+Z$/, 'Z'),
      ...(requestedBy === '' ? {} : { requestedBy }),
    },
  };
  const about = words === undefined ? '' : `# ${prose(words, MOST_WORDS)}\n`;
  return { name, path: `approvals/${name}.yaml`, text: `${about}${stringify(approval, { lineWidth: 0 })}` };
}

/** A name that a Kubernetes object may have, and that no other approval has. */
function freeName(wish: string, taken: ReadonlySet<string>): string {
  const base = wish
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 200)
    .replace(/-+$/, '');
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}
