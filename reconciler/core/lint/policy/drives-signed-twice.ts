import { canonicalJson } from '../../kube/hash.ts';
import { NodeIndex } from '../node-index.ts';
import { describeNodes, type Labels, sharedNodes } from '../shared-nodes.ts';
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
    const all = signings({ policies, operations: [] }).map((each, order): Signed => ({
      ...each,
      order,
      outcome: outcomeOf(each),
    }));
    const index = new SignedIndex(all);
    for (const signed of all) {
      const { spec, payload, outcome } = signed;
      const other = index.first(signed);
      if (other === undefined) continue;
      const field = OUTCOME.find((each) => outcome[each] !== other.outcome[each]) ?? 'shared';
      const nodes = sharedNodes(nodesOf(other), nodesOf(signed)) ?? {};
      yield {
        spec,
        path: [...SIGN_PATH, payload[field] === undefined ? 'type' : field],
        message: `${describeNodes(nodes)} are chosen here and by WekaPolicy ${describeReference(metadataOf(other))} (${other.spec.source}), which signs ${sharedDrives(other.payload, payload)} with a different value of ${field}.`,
        hint: 'Choose different nodes or drives in both, or the same way to sign them.',
      };
    }
  },
};

interface Signed extends Signing {
  readonly order: number;
  readonly outcome: Readonly<Record<(typeof OUTCOME)[number], string>>;
}

/** Policies by what they choose drives by, and then by their nodes. */
class SignedIndex {
  readonly #byChoice: ReadonlyMap<string, NodeIndex<Signed>>;

  constructor(all: readonly Signed[]) {
    const lists = new Map<string, Map<string, Signed>>();
    for (const signed of all) {
      // Of those that are the same in everything, the first is the one to be found.
      const same = canonicalJson([nodesOf(signed), signed.outcome]);
      for (const choice of [...choices(signed.payload), ANY]) {
        const list = lists.get(choice) ?? new Map<string, Signed>();
        if (!list.has(same)) list.set(same, signed);
        lists.set(choice, list);
      }
    }
    this.#byChoice = new Map(
      [...lists].map(([choice, list]) => [choice, new NodeIndex([...list.values()], nodesOf)]),
    );
  }

  /** The first before this one that signs the same drives differently. */
  first(signed: Signed): Signed | undefined {
    const isDifferent = ({ outcome }: Signed) =>
      OUTCOME.some((each) => outcome[each] !== signed.outcome[each]);
    let found: Signed | undefined;
    // What takes every disk that is not in use meets all others, and they it.
    const wanted = signed.payload.type === EVERY ? [ANY] : [...choices(signed.payload), EVERY];
    for (const choice of wanted) {
      for (const other of this.#byChoice.get(choice)?.sharing(nodesOf(signed)) ?? []) {
        if (other.order >= (found ?? signed).order) break;
        if (isDifferent(other)) found = other;
      }
    }
    return found;
  }
}

const EVERY = 'all-not-root';
/** Stands for whatever drives are chosen by. */
const ANY = '';

/** Texts of which two selections have one in common where they choose the same drives. */
function choices(payload: Signing['payload']): readonly string[] {
  const { type, devicePaths = [], deviceSerials = [], pciDevices = {} } = payload;
  switch (type) {
    case 'device-identifiers':
      return [`${type} ${canonicalJson(pciDevices)}`];
    case 'device-paths':
      return devicePaths.map((path) => `${type} ${path}`);
    case 'device-serials':
      return deviceSerials.map((serial) => `${type} ${serial}`);
    default:
      return [type];
  }
}

function nodesOf({ payload }: Signing): Labels {
  return payload.nodeSelector ?? {};
}

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

/** Drives that both choose, in words. */
function sharedDrives(one: Signing['payload'], other: Signing['payload']): string {
  if (one.type !== other.type) return 'the same drives';
  if (one.type === 'device-identifiers') return 'the same devices';
  const field = one.type === 'device-paths' ? 'devicePaths' : 'deviceSerials';
  if (one.type !== 'device-paths' && one.type !== 'device-serials') return 'the same drives';
  return one[field]?.find((drive) => other[field]?.includes(drive)) ?? 'the same drives';
}
