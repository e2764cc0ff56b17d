import { describe, expect, it } from 'vitest';
import type { ManagedFieldsEntry } from '../../../../reconciler/core/kube/object.ts';
import { describeManager, writerOf } from '../../../../reconciler/core/plan/writers.ts';
import { aDeployment, applied } from '../../../support/objects.ts';

describe('who has set a field', () => {
  it.each([
    [{ manager: 'kubectl-edit' }, 'by hand: kubectl edit'],
    [{ manager: 'kubectl-patch' }, 'by hand: kubectl patch'],
    [{ manager: 'kubectl-set' }, 'by hand: kubectl set'],
    [{ manager: 'kubectl-annotate' }, 'by hand: kubectl annotate'],
    [{ manager: 'kubectl-label' }, 'by hand: kubectl label'],
    [{ manager: 'kubectl-rollout' }, 'by hand: kubectl rollout'],
    [{ manager: 'kubectl', subresource: 'scale' }, 'by hand: kubectl scale'],
    [{ manager: 'kubectl-client-side-apply' }, 'by hand: kubectl apply'],
    [{ manager: 'kubectl', operation: 'Apply' }, 'by hand: kubectl apply --server-side'],
    [{ manager: 'kubectl', operation: 'Update' }, 'by hand: kubectl'],
    [{ manager: 'Mozilla' }, 'by hand: a web console'],
    [{ manager: 'k9s' }, 'by hand: k9s'],
    [
      { manager: 'kube-controller-manager', subresource: 'scale' },
      'by an autoscaler: kube-controller-manager',
    ],
    [{ manager: 'keda-operator', subresource: 'scale' }, 'by keda-operator through the scale subresource'],
    [{ manager: 'kube-controller-manager' }, 'by a controller: kube-controller-manager'],
    [{ manager: 'helm' }, 'by another deployment tool: helm'],
    [{ manager: 'argocd' }, 'by argocd'],
    [{ manager: 'kubectlish' }, 'by kubectlish'],
    [{}, 'by unknown'],
  ] as const)('%o is told as %s', (entry, words) => {
    expect(describeManager(entry)).toBe(words);
  });

  it('is the last of several entries, with its time', () => {
    const web = applied(aDeployment('web'));
    const entry = (rest: ManagedFieldsEntry): ManagedFieldsEntry => ({
      manager: 'kubectl',
      operation: 'Update',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      ...rest,
    });
    const managedFields = [
      ...(web.metadata.managedFields ?? []),
      entry({ time: '2026-11-25T18:00:00Z' }),
      entry({ time: '2026-11-25T19:00:00Z', subresource: 'scale' }),
      entry({ time: '2026-11-25T20:00:00Z', fieldsV1: { 'f:spec': { 'f:paused': {} } } }),
      entry({ time: '2026-11-25T21:00:00Z', manager: 'kubectl-edit' }),
    ];
    const live = { ...web, metadata: { ...web.metadata, managedFields } };
    const path = [{ field: 'spec' }, { field: 'replicas' }];
    expect(writerOf(live, path, 'kubectl')).toEqual({
      by: 'by hand: kubectl scale',
      at: '2026-11-25T19:00:00Z',
    });
    expect(writerOf(live, path, 'gone')).toEqual({ by: 'by gone' });
  });
});
