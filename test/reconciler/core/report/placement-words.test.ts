import { describe, expect, it } from 'vitest';
import type { Allocation } from '../../../../reconciler/core/placement/allocation.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { planHtml } from '../../../../reconciler/core/report/html.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { planText } from '../../../../reconciler/core/report/terminal.ts';
import { Plan } from '../../../../schemas/output/plan.ts';
import { aPod } from '../../../support/objects.ts';
import { anAssessment } from './samples.ts';

const id = 'v1/Pod/weka/dist' as ObjectId;
const base = { id, fields: [], flags: [], source: 'weka/dist.yaml:1' };

function planOf(change: Change): Plan {
  return planOutput(anAssessment({ changes: [change] }));
}

function creates(how: 'new' | 'kept' | 'moved', allocation: Partial<Allocation> = {}): Plan {
  const all = { node: 'node-c', drives: [], ports: {}, ...allocation };
  return planOf({ ...base, op: 'create', desired: aPod('dist'), placement: { how, allocation: all } });
}

const style = { colour: false, width: 120 };

describe('a plan shows where a pod stands', () => {
  it('for machines, with all that it has there', () => {
    const ports = { base: 35_000, count: 100, agent: 35_300, singles: { s3Port: 35_301 } };
    const plan = creates('moved', { drives: ['S1'], ports });
    expect(plan.changes[0]?.placement).toEqual({ node: 'node-c', how: 'moved', drives: ['S1'], ports });
    expect(Plan.parse(plan)).toEqual(plan);
  });

  it('in a few words for people, once for each pod that is made', () => {
    const plan = creates('new');
    expect(planText(plan, style)).toContain('v1/Pod/weka/dist  weka/dist.yaml:1, on node-c (new)\n');
    expect(planMarkdown(plan)).toContain('on node-c (new)');
    expect(planHtml(plan)).toContain('on node-c (new)');
  });

  it('with where it was, and why it does not go back', () => {
    const from = { node: 'node-a', why: 'is cordoned' };
    const allocation = { node: 'node-c', drives: [], ports: {} };
    const plan = planOf({
      ...base,
      op: 'create',
      desired: aPod('dist'),
      placement: { how: 'moved', allocation, from },
    });
    expect(Plan.parse(plan).changes[0]?.placement).toMatchObject({ how: 'moved', from });
    expect(planText(plan, style)).toContain('on node-c (moved from node-a, which is cordoned)');
  });

  it('with what is odd about the cluster', () => {
    const note = 'pods on nodes that are gone count nowhere: other/web on node-z';
    const allocation = { node: 'node-c', drives: [], ports: {} };
    const plan = planOf({
      ...base,
      op: 'create',
      desired: aPod('dist'),
      placement: { how: 'new', allocation, note },
    });
    expect(Plan.parse(plan).changes[0]?.placement).toMatchObject({ note });
    expect(planText(plan, style)).toContain(`on node-c (new), ${note}`);
  });

  it('with its drives by their serials, and no more of these than a reader takes in', () => {
    const text = (...drives: readonly string[]) => planText(creates('kept', { drives }), style);
    expect(text('S1')).toContain('on node-c with drive S1 (kept)');
    expect(text('S1', 'S2', 'S3', 'S4', 'S5', 'S6')).toContain(
      'on node-c with drives S1, S2, S3, S4 and 2 more (kept)',
    );
  });

  it('and says nothing of one that stands nowhere but why', () => {
    const why = 'dist finds no node: node-a lacks 1 core';
    const plan = planOf({ ...base, op: 'wait', reason: why, placement: { how: 'nowhere', why } });
    expect(plan.changes[0]).not.toHaveProperty('placement');
    expect(planText(plan, style)).toContain(why);
  });

  it('without letting a name of a node break out', () => {
    const plan = creates('new', { node: 'a|b\n<b>`@x' });
    expect(planMarkdown(plan)).toContain('| on ``a\\|b <b>`@x`` (new) |');
    expect(planHtml(plan)).not.toContain('<b>`');
    expect(planText(plan, style)).not.toContain('a|b\n');
  });
});
