import { describe, expect, it } from 'vitest';
import { replaceConsent } from '../../../../../reconciler/core/desired/intent-objects.ts';
import type { DriversSeen, NodeDrivers } from '../../../../../reconciler/core/drivers/drivers.ts';
import type { ObjectId } from '../../../../../reconciler/core/kube/object.ts';
import { requestsToCome } from '../../../../../reconciler/core/plan/approvals/driver-requests.ts';
import { sharedRequest } from '../../../../../reconciler/core/plan/approvals/request.ts';

const owner = 'weka.weka.io/v1alpha1/WekaCluster/weka/demo' as ObjectId;

const node = (name: string, loaded: string | undefined, wanted = '4.4.6'): NodeDrivers => ({
  node: name,
  owner: 'WekaCluster weka/demo',
  target: { version: wanted, kernel: '6.8.0', architecture: 'x86_64' },
  ...(loaded === undefined
    ? {}
    : {
        report: {
          state: 'loaded',
          loaded: { version: loaded, sha256: 'a'.repeat(64), kernel: '6.8.0' },
          modules: [],
          cached: [],
        },
      }),
});

const seen = (...nodes: readonly NodeDrivers[]): DriversSeen => ({ cells: [], nodes, lock: [] });
const digests = (...nodes: readonly NodeDrivers[]) =>
  requestsToCome(seen(...nodes), 'production').map(({ digest }) => digest);

describe('consent to what nodes are still to do', () => {
  it('is the same that their intents will ask for, however they are to let go of what is loaded', () => {
    const asked = ['unused', 'drain'].map((how) => {
      const consent = replaceConsent(owner, { from: '4.4.5', to: '4.4.6', how });
      return sharedRequest(consent, ['kernel-module'], 'production').digest;
    });
    expect(digests(node('a', '4.4.5'), node('b', '4.4.5'))).toEqual(asked);
  });

  it('is another one from each version, and none where nothing has to go', () => {
    expect(digests(node('a', '4.4.5'), node('b', '4.4.4'))).toHaveLength(4);
    expect(digests(node('a', '4.4.6'), node('b', undefined))).toEqual([]);
  });
});
