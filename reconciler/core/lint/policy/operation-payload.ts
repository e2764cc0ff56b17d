import type { SpecOf, SpecProblem, SpecRule } from '../spec-rule.ts';
import { COMMON_PAYLOADS, type Wanted, wrongPayload } from './wrong-payload.ts';

const PAYLOADS: Readonly<Record<string, Wanted>> = {
  ...COMMON_PAYLOADS,
  'block-drives': { payload: 'blockDrivesPayload', needed: 'it does not say which drives' },
  'unblock-drives': { payload: 'blockDrivesPayload', needed: 'it does not say which drives' },
  'force-resign-drives': { payload: 'forceResignDrivesPayload', needed: 'it does not say which drives' },
  'rotate-ssdproxy': { payload: 'rotateSsdProxyPayload' },
  'migrate-to-drive-sharing': {
    payload: 'migrateToDriveSharingPayload',
    needed: 'it does not say which cluster',
  },
};

/** Actions and payloads of operations (weka-operator §1.6, §4.2). */
export const operationPayload: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'An operation does what its action says, and only to what the payload of that action names.',
  example: {
    wrong:
      'kind: WekaManualOperation\nspec:\n  action: block-drives\n  payload: { blockDrivesPayload: { node: node-1 } }',
    right:
      'kind: WekaManualOperation\nspec:\n  action: block-drives\n  payload: { blockDrivesPayload: { node: node-1, serialIDs: [S1] } }',
  },
  *check({ operations }) {
    for (const spec of operations) {
      const { action, payload } = spec.operation.spec;
      for (const fault of wrongPayload(payload, action, 'action', PAYLOADS)) yield { spec, ...fault };
      for (const fault of incomplete(spec.operation.spec)) yield { spec, ...fault };
    }
  },
};

function* incomplete({
  action,
  payload,
}: SpecOf<'WekaManualOperation'>['operation']['spec']): Iterable<Omit<SpecProblem, 'spec'>> {
  const { blockDrivesPayload: block, forceResignDrivesPayload: resign } = payload;
  if (block !== undefined && (action === 'block-drives' || action === 'unblock-drives')) {
    const path = ['spec', 'payload', 'blockDrivesPayload'];
    const { serialIDs = [], physicalUUIDs = [], virtualUUIDs = [], node } = block;
    if (serialIDs.length + physicalUUIDs.length + virtualUUIDs.length === 0) {
      yield {
        path,
        at: 'name',
        message: `${action} names no drive.`,
        hint: 'Set serialIDs, or physicalUUIDs or virtualUUIDs for drives that clusters share.',
      };
    }
    if (!node) {
      yield {
        path,
        at: 'name',
        message: `${action} names no node, and drives are kept by node.`,
        hint: 'Set blockDrivesPayload.node to the node that has them.',
      };
    }
  }
  if (resign !== undefined && action === 'force-resign-drives') {
    const { deviceSerials = [], devicePaths = [] } = resign;
    if (deviceSerials.length + devicePaths.length > 0) return;
    yield {
      path: ['spec', 'payload', 'forceResignDrivesPayload'],
      at: 'name',
      message: `${action} names no drive of node ${resign.nodeName}.`,
      hint: 'Set deviceSerials.',
    };
  }
}
