import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldChange, Outcome } from '../../../../reconciler/core/plan/change.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { everyRendering } from './every-rendering.ts';
import { aChange, aFinding, anObject, aReport } from './samples.ts';

const ID = 'v1/Secret/weka/login';

/** Marked, so that it cannot stand in a rendering by chance. */
const secret = fc.string({ minLength: 1, maxLength: 40 }).map((text) => `S3cr3t${text}S3cr3t`);

/** Parts of the value long enough to be known again, as they may look in any rendering. */
const traces = ['S3cr3t', Buffer.from('S3cr3t').toString('base64').slice(0, 8)];

describe('a Secret’s value', () => {
  it('is in no rendering, wherever the planner or the API server put it', () => {
    fc.assert(
      fc.property(secret, (value) => {
        const data = { password: Buffer.from(value).toString('base64') };
        const object = anObject(ID, { data, stringData: { token: value } });
        const fields: FieldChange[] = [
          { path: 'data.password', from: data.password, to: value },
          { path: 'data', from: data },
          { path: 'stringData["token"]', to: value },
          { path: '', from: { data } },
          {
            path: 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
            from: JSON.stringify({ data }),
          },
          {
            path: 'metadata.annotations',
            from: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data }) },
          },
        ];
        const create = { ...aChange('create', ID), desired: object };
        const update = { ...aChange('update', `${ID}2`, { fields }), desired: object };
        const outcomes: Outcome[] = [
          {
            change: create,
            result: 'failed',
            code: 'API',
            why: `Webhook says: ${value} is weak`,
            hint: value,
          },
          {
            change: update,
            result: 'failed',
            code: 'API',
            why: `Invalid value: ${JSON.stringify(value)}: ${data.password}`,
          },
        ];
        const finding = aFinding({ object: ID, excerpt: `  password: ${value}\n  ^` });
        const told = everyRendering(aReport({ changes: [create, update], outcomes, findings: [finding] }));
        for (const trace of traces) expect(told).not.toContain(trace);
        expect(told).toContain('(hidden)');
      }),
      { numRuns: 50 },
    );
  });

  it('still lets its labels and type be shown', () => {
    const fields = [
      { path: 'metadata.labels.team', from: 'red', to: 'blue' },
      { path: 'type', from: 'Opaque', to: 'kubernetes.io/tls' },
    ];
    const [change] = planOutput(aReport({ changes: [aChange('update', ID, { fields })] })).changes;
    expect(change?.fields).toEqual(fields);
  });
});
