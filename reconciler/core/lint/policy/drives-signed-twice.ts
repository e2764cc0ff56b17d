import { canonicalJson } from '../../kube/hash.ts';
import { describeNodes, sharedNodes } from '../client/shared-nodes.ts';
import { describeReference } from '../client/target-of.ts';
import type { SpecRule } from '../spec-rule.ts';
import { SIGN_PATH, type Signing, signings } from './drive-selection.ts';

/** What a signature depends on besides which drives get one. */
const OUTCOME = ['shared', 'options', 'driveTypeOverrides'] as const;

export const drivesSignedTwice: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A drive has one signature: of two policies that want it differently, the one that runs first decides.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { name: one }\nspec:\n  type: sign-drives\n  payload: { signDrivesPayload: { type: all-not-root } }\n---\nkind: WekaPolicy\nmetadata: { name: two }\nspec:\n  type: sign-drives\n  payload: { signDrivesPayload: { type: aws-all, shared: true } }',
    right:
      'kind: WekaPolicy\nmetadata: { name: one }\nspec:\n  type: sign-drives\n  payload: { signDrivesPayload: { type: device-serials, deviceSerials: [S1] } }\n---\nkind: WekaPolicy\nmetadata: { name: two }\nspec:\n  type: sign-drives\n  payload: { signDrivesPayload: { type: device-serials, deviceSerials: [S2], shared: true } }',
  },
  *check({ policies }) {
    const all = signings({ policies, operations: [] }).map((each) => ({ ...each, outcome: outcomeOf(each) }));
    for (const [index, { spec, payload, outcome }] of all.entries()) {
      for (const other of all.slice(0, index)) {
        const field = OUTCOME.find((each) => outcome[each] !== other.outcome[each]);
        if (field === undefined) continue;
        const nodes = sharedNodes(other.payload.nodeSelector ?? {}, payload.nodeSelector ?? {});
        const drives = sharedDrives(other.payload, payload);
        if (nodes === undefined || drives === undefined) continue;
        yield {
          spec,
          path: [...SIGN_PATH, payload[field] === undefined ? 'type' : field],
          message: `${describeNodes(nodes)} are chosen here and by WekaPolicy ${describeReference(metadataOf(other))} (${other.spec.source}), which signs ${drives} with a different value of ${field}.`,
          hint: 'Choose different nodes or drives in both, or the same way to sign them.',
        };
        break;
      }
    }
  },
};

function metadataOf({ spec: { manifest } }: Signing): { readonly namespace: string; readonly name: string } {
  return { namespace: manifest.metadata.namespace ?? '', name: manifest.metadata.name };
}

/** What a signature depends on, as texts to compare: nothing, false and no rules at all are the same. */
function outcomeOf({ payload }: Signing): Readonly<Record<(typeof OUTCOME)[number], string>> {
  const text = (field: (typeof OUTCOME)[number]): string => canonicalJson(payload[field] || {});
  return {
    shared: text('shared'),
    options: text('options'),
    driveTypeOverrides: text('driveTypeOverrides'),
  };
}

/** Drives that both choose, in words; undefined where they may well choose different ones. */
function sharedDrives(one: Signing['payload'], other: Signing['payload']): string | undefined {
  if (one.type === other.type) {
    if (one.type === 'device-identifiers') {
      const same = canonicalJson(one.pciDevices ?? {}) === canonicalJson(other.pciDevices ?? {});
      return same ? 'the same devices' : undefined;
    }
    const field = one.type === 'device-paths' ? 'devicePaths' : 'deviceSerials';
    if (one.type !== 'device-paths' && one.type !== 'device-serials') return 'the same drives';
    return one[field]?.find((drive) => other[field]?.includes(drive));
  }
  // It takes every disk that is not in use, whatever the other one chooses by.
  return one.type === 'all-not-root' || other.type === 'all-not-root' ? 'the same drives' : undefined;
}
