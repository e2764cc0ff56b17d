import type { Explanation } from '../../../../schemas/output/explanation.ts';
import type { Comment, ForgePages } from '../../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import type { PlanMarker } from '../../../../reconciler/core/review/marker.ts';
import type { Frame, Told } from '../../../../reconciler/core/review/told.ts';
import type { Assessment } from '../../../../reconciler/core/report/report.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { anAssessment } from '../report/samples.ts';

export const HEAD = 'a'.repeat(40) as CommitSha;
export const BASE = 'b'.repeat(40) as CommitSha;
export const AT = new Date('2026-11-25T19:00:00Z');

/** Addresses as Gitea has them. */
export const PAGES: ForgePages = {
  line: (commit, file, line) => `https://forge.example/storage/weka/src/commit/${commit}/${file}#L${line}`,
  commit: (commit) => `https://forge.example/storage/weka/commit/${commit}`,
  branch: (name) => `https://forge.example/storage/weka/src/branch/${name}`,
  pullRequest: (number) => `https://forge.example/storage/weka/pulls/${number}`,
};

export function aFrame(rest: Partial<Frame> = {}): Frame {
  return {
    repository: 'storage/weka',
    cluster: 'production',
    head: HEAD,
    base: BASE,
    isFork: false,
    at: AT,
    pages: PAGES,
    limit: 65_536,
    handled: 0,
    ...rest,
  };
}

export type Planned = Extract<Told, { result: 'planned' }>;

/** A plan of which people have seen all there is. */
export function planned(assessment: Partial<Assessment> = {}, rest: Partial<Planned> = {}): Planned {
  return {
    result: 'planned',
    plan: planOutput(anAssessment(assessment)),
    gate: { is: 'as-reviewed' },
    files: [],
    folder: '',
    settingsChanges: [],
    ...rest,
  };
}

export function aPlanMarker(rest: Partial<PlanMarker> = {}): PlanMarker {
  return {
    v: 1,
    repository: 'storage/weka',
    cluster: 'production',
    kind: 'plan',
    head: HEAD,
    base: BASE,
    digest: `sha256:${'1'.repeat(64)}`,
    summary: '1 to create',
    body: `sha256:${'2'.repeat(64)}`,
    handled: 0,
    earlier: [],
    ...rest,
  };
}

export function aComment(rest: Partial<Comment> = {}): Comment {
  return {
    id: 1,
    author: 'weka-gitops',
    text: '',
    url: 'https://forge.example/storage/weka/pulls/7#issuecomment-1',
    createdAt: AT,
    isEdited: false,
    ...rest,
  };
}

/** That of an object that is as it should be, in which everything that is told is `text`. */
export function anExplanation(text: string, rest: Partial<Explanation> = {}): Explanation {
  return {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Explanation',
    cluster: 'production',
    ref: 'main',
    commit: HEAD,
    target: text,
    state: 'in-sync',
    now: [text],
    written: [],
    fields: [],
    owners: [],
    facts: [],
    related: [],
    waitsFor: [],
    toChange: [text],
    ...rest,
  };
}
