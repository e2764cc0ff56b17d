import { describe, expect, it } from 'vitest';
import type { Report as ReportOutput } from '../../../schemas/output/report.ts';
import {
  type AppliedNews,
  appliedStatus,
  headStatus,
  type StatusPlace,
} from '../../../reconciler/core/review/commit-status.ts';
import { planOutput, reportOutput } from '../../../reconciler/core/report/json.ts';
import type { Told } from '../../../reconciler/core/review/told.ts';
import type { CommitStatus } from '../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { CommitStatuses } from '../../../reconciler/unattended/commit-statuses.ts';
import { aChange, aReport, done, health } from '../core/report/samples.ts';
import { ManualTime } from '../world/lease/manual-time.ts';
import { ToldForge } from './told-forge.ts';

const ID = 'apps/v1/Deployment/weka/exporter';
const COMMIT = '1'.repeat(40) as CommitSha;
const PLACE: StatusPlace = { cluster: 'production', url: 'https://forge.example/status' };

function wellAfter(op: 'create' | 'update' | 'replace' | 'prune' | 'keep'): ReportOutput {
  const change = aChange(op, ID);
  return reportOutput(
    aReport({
      commit: COMMIT,
      changes: [change],
      outcomes:
        change.op === 'create' || change.op === 'update' || change.op === 'replace' || change.op === 'prune'
          ? [done(change)]
          : [],
      health: health({ [ID]: { state: 'current', message: '1 of 1 pods are ready' } }),
    }),
  );
}

function newsOf(report: ReportOutput): AppliedNews {
  return { news: 'report', report, approvals: 0 };
}

/** What is written where the forge shows a status already and the commit is well without anything to do. */
async function written(shown: CommitStatus) {
  const forge = new ToldForge();
  await forge.port.setCommitStatus(COMMIT, shown);
  forge.statuses.length = 0;
  const statuses = new CommitStatuses({
    forge: forge.port,
    place: PLACE,
    time: new ManualTime(),
    assertHeld: () => {},
  });
  statuses.follow(COMMIT);
  statuses.want(COMMIT, () => newsOf(wellAfter('keep')));
  await statuses.tell({});
  return { wrote: forge.statuses, wasWell: statuses.wasWell };
}

describe('a status that is there when a commit is followed', () => {
  it.each(['create', 'update', 'replace', 'prune', 'keep'] as const)(
    'stays, with what was done, where it says that the commit was applied: %s',
    async (op) => {
      const shown = appliedStatus(newsOf(wellAfter(op)), PLACE);
      expect(shown.state).toBe('success');

      expect(await written(shown)).toEqual({ wrote: [], wasWell: true });
    },
  );

  it.each<[string, Told]>([
    ['a plan', aPlan(['create', 'update', 'prune'])],
    ['a plan of nothing', aPlan(['keep'])],
    ['no change', { result: 'nothing' }],
  ])('is replaced where it is of the pull request, whose head is the branch now: %s', async (_, told) => {
    const shown = headStatus(told, PLACE);
    expect(shown.state).toBe('success');

    expect(await written(shown)).toEqual({
      wrote: ['1111111 success: nothing changed; 1 object: 1 ready'],
      wasWell: false,
    });
  });
});

function aPlan(ops: readonly ('create' | 'update' | 'prune' | 'keep')[]): Told {
  const changes = ops.map((op, at) => aChange(op, `apps/v1/Deployment/weka/exporter-${at}`));
  return {
    result: 'planned',
    plan: planOutput(aReport({ commit: COMMIT, changes })),
    gate: { is: 'as-reviewed' },
    files: [],
    folder: '',
    settingsChanges: [],
    alsoWithout: undefined,
  } as unknown as Told;
}
