import { expect, it } from 'vitest';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { apply } from '../../../../reconciler/world/apply/apply.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { inNamespace } from '../apply/in-namespace.ts';
import { passes } from '../apply/pass.ts';

const control = await sharedCluster();

const VALUE = 'hunter22.is.secret';

it('an encrypted value that the API server quotes in its refusal is in no plan, outcome or log', async () => {
  const pass = await passes(control);
  const service = inNamespace('v1/Service')(pass, 'web', {
    spec: { clusterIP: VALUE, ports: [{ port: 80 }] },
  });
  const lines: string[] = [];
  const note = (fields: object, message: string) => lines.push(JSON.stringify([fields, message]));
  const log = { debug: note, info: note, warn: note, error: note };
  const told = async (changes: readonly Change[]) => {
    const proved = await prove(changes, pass.cluster);
    const outcomes = await apply(changes, pass.cluster, { log });
    const reasons = proved.map((change) => ('reason' in change ? change.reason : ''));
    const failures = outcomes.map((outcome) => ('why' in outcome ? outcome.why : ''));
    return [...reasons, ...failures, ...lines.splice(0)];
  };

  const plain = await pass.plan([service]);
  expect((await told(plain)).filter((text) => text.includes(VALUE))).toHaveLength(3);

  const sealed = { paths: [['spec', 'clusterIP']], texts: [VALUE] };
  const hidden = await told(plain.map((change) => ({ ...change, sealed })));
  expect(hidden.filter((text) => text.includes('(hidden)'))).toHaveLength(3);
  expect(hidden.join()).not.toContain('hunter22');
});
