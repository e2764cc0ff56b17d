import { describe, expect, it } from 'vitest';
import { replaceConsent } from '../../../../../reconciler/core/drivers/consents.ts';
import type { DriverCell, DriversSeen, NodeDrivers } from '../../../../../reconciler/core/drivers/drivers.ts';
import type { ObjectId } from '../../../../../reconciler/core/kube/object.ts';
import { requestsToCome } from '../../../../../reconciler/core/plan/approvals/driver-requests.ts';
import { sharedRequest } from '../../../../../reconciler/core/plan/approvals/request.ts';

const owner = 'weka.weka.io/v1alpha1/WekaCluster/weka/demo' as ObjectId;
const target = (version: string) => ({ version, kernel: '6.8.0', architecture: 'x86_64' });

const node = (name: string, loaded: string | undefined, letter = 'a'): NodeDrivers => ({
  node: name,
  owner: 'WekaCluster weka/demo',
  target: target('4.4.6'),
  ...(loaded === undefined
    ? {}
    : {
        report: {
          state: 'loaded',
          loaded: { version: loaded, sha256: letter.repeat(64), kernel: '6.8.0' },
          modules: [],
          cached: [],
        },
      }),
});

/** The build that they need, which has a package or has none yet. */
const cell = (nodes: readonly NodeDrivers[], letter: string | undefined): DriverCell => ({
  service: undefined,
  target: target('4.4.6'),
  nodes: nodes.map((each) => each.node),
  state: letter === undefined ? 'building' : 'built',
  ...(letter === undefined
    ? {}
    : {
        package: {
          ...target('4.4.6'),
          file: 'x.tar.gz',
          sha256: letter.repeat(64),
          bytes: 1,
          layout: 'modules',
        },
      }),
});

const seen = (nodes: readonly NodeDrivers[], letter?: string): DriversSeen => ({
  cells: [cell(nodes, letter)],
  nodes,
  lock: [],
});
const digests = (nodes: readonly NodeDrivers[], letter?: string) =>
  requestsToCome(seen(nodes, letter), 'production').map(({ digest }) => digest);

describe('consent to what nodes are still to do', () => {
  it('is the same that their intents will ask for, however they are to let go of what is loaded', () => {
    const asked = ['unused', 'drain'].map((how) => {
      const [from, to] = ['4.4.5', '4.4.6'];
      const consent = replaceConsent(owner, {
        from,
        fromSha256: 'a'.repeat(64),
        to,
        sha256: 'b'.repeat(64),
        how,
      });
      return sharedRequest(consent, ['kernel-module'], 'production').digest;
    });
    expect(digests([node('a', '4.4.5'), node('b', '4.4.5')], 'b')).toEqual(asked);
  });

  it('is another one from each package to each, and none where nothing has to go', () => {
    expect(digests([node('a', '4.4.5'), node('b', '4.4.4', 'c')], 'b')).toHaveLength(4);
    expect(digests([node('a', '4.4.6'), node('b', '4.4.6', 'c')], 'b')).toHaveLength(4);
    expect(digests([node('a', '4.4.6', 'b'), node('b', undefined)], 'b')).toEqual([]);
    expect(digests([node('a', '4.4.5')], 'b')).not.toEqual(digests([node('a', '4.4.5')], 'e'));
  });

  it('is none before the package is there, since nobody knows its digest', () => {
    expect(digests([node('a', '4.4.5')])).toEqual([]);
  });
});
