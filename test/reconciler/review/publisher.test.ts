import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import { headStatus } from '../../../reconciler/core/review/commit-status.ts';
import { NOTHING, undiverged } from '../../../reconciler/core/review/undiverged.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { readConversation } from '../../../reconciler/review/conversation.ts';
import type { PlannedMerge } from '../../../reconciler/review/planner.ts';
import { Publisher, type Said, type Saying } from '../../../reconciler/review/publisher.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { planOutput } from '../../../reconciler/core/report/json.ts';
import { aChange, anAssessment } from '../core/report/samples.ts';
import { ToldForge } from '../unattended/told-forge.ts';

const HEAD = 'a'.repeat(40) as CommitSha;
const BASE = 'b'.repeat(40) as CommitSha;
const MOVED = 'c'.repeat(40) as CommitSha;
const CLUSTER = 'hall-1';

const pullRequest: PullRequest = {
  number: 7,
  title: 'Change',
  author: 'anna',
  url: 'https://forge.example/acme/storage/pulls/7',
  state: 'open',
  isDraft: false,
  head: { commit: HEAD, branch: 'change', repository: 'acme/storage' },
  base: 'main',
  isFork: false,
  updatedAt: new Date(0),
};

function aPlan(digest: string, base: CommitSha, rest: Partial<PlannedMerge> = {}): PlannedMerge {
  const plan = planOutput(anAssessment({ changes: [aChange('create', 'v1/ConfigMap/weka/a')], digest }));
  const alsoWithout = { changes: [], undone: [], findings: 0 };
  const told = { alsoWithout, settingsChanges: [], files: [], approved: [], consentEnds: [], remarks: {} };
  return { result: 'planned', base, plan, ...told, ...rest };
}

/** A pull request on a forge that keeps what it is told, and what is said there. */
function aPage({ annotations = false } = {}) {
  const forge = new ToldForge();
  const annotated: number[] = [];
  const { fault } = forge;
  const port = {
    ...forge.port,
    annotate: () => {
      const trouble = forge.fault('annotate' as never);
      if (trouble !== undefined) return Promise.reject(trouble.error);
      annotated.push(1);
      return Promise.resolve();
    },
  };
  const clock = { now: () => new Date('2026-11-26T12:00:00Z') };
  const where = { cluster: CLUSTER, folder: '', statusUrl: undefined, annotations };
  const publisher = new Publisher({ forge: port, clock, ...where });
  const say = async (result: Saying['result'], rest: Partial<Saying> = {}): Promise<Said> => {
    const conversation = await readConversation(port, 7, CLUSTER);
    const known = { isTampered: false, handled: 0, remembered: undefined, isUnannotated: false };
    const acknowledgements = () => Promise.resolve([]);
    return await publisher.say(
      pullRequest,
      { result, conversation, ...known, acknowledgements, ...rest },
      {},
    );
  };
  const heal = () => (forge.fault = fault);
  return { forge, port, publisher, say, annotated, heal };
}

const forbidden = new ForgeError('FORGE_FORBIDDEN', 'Gitea does not tell us what bob may do.', {
  status: 403,
});

describe('what is said of a pull request', () => {
  it('is that the plan is another one, also where it cannot be found out who has looked', async () => {
    const { forge, say } = aPage();
    await say(aPlan('sha256:old', BASE));
    const said = await say(aPlan('sha256:new', MOVED), {
      acknowledgements: () => Promise.reject(forbidden),
    });
    expect(said.failure).toBe(forbidden);
    expect(forge.statuses.map((line) => line.split(': ')[0])).toEqual(['aaaaaaa success', 'aaaaaaa pending']);
    expect(forge.comments[0]?.text).toContain('The plan changed after it was shown');
  });

  it('is what planning failed of', async () => {
    const { forge, say } = aPage();
    await say({ result: 'failed', base: BASE, error: forbidden });
    expect(forge.comments[0]?.text).toContain('`FORGE_FORBIDDEN`: Gitea does not tell us what bob may do.');
    expect(forge.statuses).toEqual([
      'aaaaaaa error: FORGE_FORBIDDEN: Gitea does not tell us what bob may do.',
    ]);
  });

  it('is pending where the plan could not be written for people to look at', async () => {
    const { forge, say } = aPage();
    const rejected = new ForgeError('FORGE_REJECTED', 'No.', { status: 422 });
    forge.fault = (method) => (method === 'comment' ? { error: rejected } : undefined);
    const said = await say(aPlan('sha256:old', BASE));
    expect(said.failure).toBe(rejected);
    expect(said.status).toMatchObject({
      state: 'pending',
      description: 'Its plan could not be written here, and is tried again: FORGE_REJECTED',
    });
  });

  it('takes back that all is well of a head that cannot be planned as things are now, and nothing else', async () => {
    const { forge, say, publisher } = aPage();
    const error = new ForgeError('FORGE_ANSWER', 'Too many comments.');
    await publisher.sayUnplanned(pullRequest, error, {});
    expect(forge.statuses).toEqual([]);
    await say(aPlan('sha256:old', BASE));
    await publisher.sayUnplanned(pullRequest, error, {});
    await publisher.sayUnplanned(pullRequest, error, {});
    expect(forge.statuses.slice(1)).toEqual([
      'aaaaaaa pending: It could not be planned as things are now, and is tried again: FORGE_ANSWER',
    ]);
  });

  it('shows annotations once they can be shown, though the comment was written before', async () => {
    const { forge, say, annotated, heal } = aPage({ annotations: true });
    forge.fault = (method) => ((method as string) === 'annotate' ? { error: forbidden } : undefined);
    const first = await say(aPlan('sha256:old', BASE));
    expect(first).toMatchObject({ isUnannotated: true, failure: forbidden });
    heal();
    const second = await say(aPlan('sha256:old', BASE), { isUnannotated: first.isUnannotated });
    expect(second).toMatchObject({ isUnannotated: false, failure: undefined, text: undefined });
    expect(annotated).toHaveLength(1);
  });

  it('counts as looked at only by who looked after the forge showed it, whatever our clock says', async () => {
    const { forge, port, say } = aPage();
    await say(aPlan('sha256:old', BASE));
    await say(aPlan('sha256:new', MOVED));
    const [comment] = forge.comments;
    const shownAt = Date.parse('2026-11-26T12:00:20Z');
    const editedAt = { ...comment!, updatedAt: new Date(shownAt) };
    forge.comments.splice(0, 1, editedAt);
    const looked = (ms: number) => ({
      acknowledgements: () => Promise.resolve([{ at: new Date(shownAt + ms), head: HEAD }]),
    });
    const early = await say(aPlan('sha256:new', MOVED), looked(-10_000));
    expect(early.status.state).toBe('pending');
    expect((await readConversation(port, 7, CLUSTER)).plan?.marker.gate?.reviewed).toBe('sha256:old');
    const late = await say(aPlan('sha256:new', MOVED), looked(1_000));
    expect(late.status.state).toBe('success');
  });
});

describe('a head that changed nothing when people looked', () => {
  it('is pending once it would change something, also in a process that was started anew', async () => {
    const { forge, say } = aPage();
    const nothing = await say({ result: 'untouched', base: BASE });
    expect(nothing).toMatchObject({ hasComment: false, status: { state: 'success' } });
    expect(forge.comments).toEqual([]);
    const remembering = await say(aPlan('sha256:new', MOVED), { remembered: nothing.state });
    expect(remembering.status).toMatchObject({
      state: 'pending',
      description: 'The plan changed after it was shown (the base moved): look again',
    });

    const { say: sayAnew, port } = aPage();
    await port.setCommitStatus(HEAD, headStatus({ result: 'nothing' }, { cluster: CLUSTER }));
    const anew = await sayAnew(aPlan('sha256:new', MOVED));
    expect(anew.status.state).toBe('pending');
    expect(anew.state).toMatchObject({ reviewed: NOTHING, digest: 'sha256:new' });
  });

  it('is remembered where the comment is deleted that told another plan', async () => {
    const { forge, say } = aPage();
    const first = await say(aPlan('sha256:old', BASE));
    forge.comments.splice(0);
    const second = await say(aPlan('sha256:new', MOVED), { remembered: first.state });
    expect(second.status.state).toBe('pending');
    expect(
      undiverged(first.state, { head: HEAD, base: MOVED, digest: 'sha256:new', at: new Date() }).gate.is,
    ).toBe('moved');
  });
});
