import { describe, expect, it } from 'vitest';
import { alsoAppliedBy, aConfigMap, applied, createdBy, edited } from '../../../../support/objects.ts';
import { plannedRisks } from './risks-of.ts';

describe('taking over', () => {
  it('names who has made the object', () => {
    const live = createdBy('kubectl-create', aConfigMap('a', { x: '1' }));
    expect(plannedRisks([aConfigMap('a', { x: '1' })], [live])).toEqual([
      'takeover: ConfigMap weka/a, managed by kubectl-create',
    ]);
  });

  it('names the fields and who has them now', () => {
    const live = edited('argocd', applied(aConfigMap('a', { x: '1' })), { data: { y: '2' } });
    expect(plannedRisks([aConfigMap('a', { x: '1', y: '3' })], [live], { conflicts: 'force' })).toEqual([
      'takeover: data.y from argocd in ConfigMap weka/a',
    ]);
  });

  it('tells of a field that both set, and that the manifest changes', () => {
    const live = alsoAppliedBy('argocd', applied(aConfigMap('a', { x: '1' })), { data: { x: '1' } });
    expect(plannedRisks([aConfigMap('a', { x: '2' })], [live], { conflicts: 'force' })).toEqual([
      'takeover: data.x from argocd in ConfigMap weka/a',
    ]);
  });

  it('is none where a hand wrote once what is ours by now', () => {
    const live = applied(aConfigMap('a', { x: '1' }));
    const [ours] = live.metadata.managedFields ?? [];
    const theirs = { ...ours, manager: 'kubectl-create', operation: 'Update' as const };
    const both = { ...live, metadata: { ...live.metadata, managedFields: [ours!, theirs] } };
    expect(plannedRisks([aConfigMap('a', { x: '2' })], [both])).toEqual([]);
  });

  it('is none where the field was ours and drifted, or where nothing is written', () => {
    const drifted = edited('kubectl-edit', applied(aConfigMap('a', { x: '1' })), { data: { x: '2' } });
    expect(plannedRisks([aConfigMap('a', { x: '1' })], [drifted])).toEqual([]);
    const theirs = createdBy('argocd', aConfigMap('a', { x: '1' }));
    expect(plannedRisks([aConfigMap('a', { x: '2' })], [theirs])).toEqual([]);
  });
});
