import { describe, expect, it } from 'vitest';
import { isWrite, type Write } from '../../../../reconciler/core/plan/change.ts';
import { fightReason, foughtFields, rivalWords } from '../../../../reconciler/core/schedule/fight-words.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { aConfigMap, aDeployment, applied, edited } from '../../../support/objects.ts';
import { planned } from '../plan/risk/risks-of.ts';

/** What sets `live` right. */
function write(desired: readonly KubeObject[], live: readonly KubeObject[] = []): Write {
  const [first] = planned(desired, live).filter(isWrite);
  if (first === undefined) throw new Error('Nothing has to be set right.');
  return first;
}

const scaled = edited('autoscaler', applied(aDeployment('web', { replicas: 3 })), { spec: { replicas: 5 } });

describe('an object that is fought over', () => {
  it('is told with the field and with who sets it', () => {
    const correction = write([aDeployment('web', { replicas: 3 })], [scaled]);
    expect(rivalWords(correction)).toBe('autoscaler');
    expect(foughtFields(correction)).toBe('spec.replicas');
    expect(fightReason(correction)).toMatch(/^autoscaler undoes each correction of spec\.replicas, so /);
  });

  it('is told with the first few of its fields, and how many there are besides', () => {
    const keys = Array.from({ length: 8 }, (_, n) => `k${n}`);
    const data = (value: string) => Object.fromEntries(keys.map((key) => [key, value]));
    const live = edited('rival', applied(aConfigMap('a', data('ours'))), { data: data('theirs') });
    expect(foughtFields(write([aConfigMap('a', data('ours'))], [live]))).toBe(
      'data.k0, data.k1, data.k2, data.k3, data.k4, and 3 more',
    );
  });

  it('has no field of its own where it is made or deleted as a whole', () => {
    const made = write([aConfigMap('a')]);
    expect(foughtFields(made)).toBeUndefined();
    expect(fightReason(made)).toMatch(/^Somebody deletes it each time it is made, .*audit log/);
    const gone = write([aConfigMap('b')], [applied(aConfigMap('a')), applied(aConfigMap('b'))]);
    expect(gone.op).toBe('prune');
    expect(fightReason(gone)).toMatch(/makes it again each time it is deleted/);
  });

  it('never lets a name or a field repaint a terminal', () => {
    const live = edited('ri\u001b[31mval', applied(aConfigMap('a', { k: '1' })), { data: { k: '2' } });
    expect(fightReason(write([aConfigMap('a', { k: '1' })], [live]))).not.toMatch(/\u001b/);
  });
});
