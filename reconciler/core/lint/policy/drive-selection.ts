import type { SpecOf, SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';

type Payload = NonNullable<SpecOf<'WekaPolicy'>['policy']['spec']['payload']['signDrivesPayload']>;

/** A manifest that has drives signed, and its choice of drives. */
export interface Signing {
  readonly spec: SpecOf<'WekaPolicy'> | SpecOf<'WekaManualOperation'>;
  readonly payload: Payload;
}

export const SIGN_PATH = ['spec', 'payload', 'signDrivesPayload'];

/** What a type of selection reads (weka-operator §4.1). */
const LISTS = {
  'device-paths': 'devicePaths',
  'device-serials': 'deviceSerials',
  'device-identifiers': 'pciDevices',
} as const;

/** Policies and operations that have drives signed. */
export function signings({
  policies,
  operations,
}: Pick<SpecSet, 'policies' | 'operations'>): readonly Signing[] {
  return [
    ...policies.flatMap((spec) => {
      const { type, payload } = spec.policy.spec;
      const sign = type === 'sign-drives' ? payload.signDrivesPayload : undefined;
      return sign === undefined ? [] : [{ spec, payload: sign }];
    }),
    ...operations.flatMap((spec) => {
      const { action, payload } = spec.operation.spec;
      const sign = action === 'sign-drives' ? payload.signDrivesPayload : undefined;
      return sign === undefined ? [] : [{ spec, payload: sign }];
    }),
  ];
}

/** What the operator's API refuses of a choice of drives (weka-operator §4.1; its documentation of signing). */
export const driveSelection: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Which drives are signed must not be left to chance: the type says by what they are chosen, and the list which.',
  example: {
    wrong:
      'kind: WekaPolicy\nspec:\n  type: sign-drives\n  payload:\n    signDrivesPayload: { type: all-not-root, devicePaths: [/dev/nvme1n1] }',
    right:
      'kind: WekaPolicy\nspec:\n  type: sign-drives\n  payload:\n    signDrivesPayload: { type: device-paths, devicePaths: [/dev/nvme1n1] }',
  },
  *check(set) {
    for (const { spec, payload } of signings(set)) {
      for (const fault of faults(payload)) yield { spec, ...fault };
    }
  },
};

function* faults(payload: Payload): Iterable<Omit<SpecProblem, 'spec'>> {
  const { type } = payload;
  for (const [each, field] of Object.entries(LISTS)) {
    const isEmpty = size(payload[field]) === 0;
    if (each === type && isEmpty) {
      yield {
        path: [...SIGN_PATH, 'type'],
        message: `Drives are chosen by ${type}, and ${field} names none.`,
        hint: `Set ${field}.`,
      };
    } else if (each !== type && !isEmpty) {
      yield {
        path: [...SIGN_PATH, field],
        at: 'name',
        message: `Drives are chosen by ${type}, which does not read ${field}.`,
        hint: `Set type to ${each} if only those are meant, or remove ${field}.`,
      };
    }
  }
  if (type === 'device-identifiers' && size(payload.pciDevices) === 1) {
    const lacks = payload.pciDevices?.vendorId === undefined ? 'vendorId' : 'deviceId';
    yield {
      path: [...SIGN_PATH, 'pciDevices'],
      at: 'name',
      message: `Devices are told apart by vendorId and deviceId, and ${lacks} is missing.`,
      hint: `Set pciDevices.${lacks}.`,
    };
  }
  for (const [index, path] of (payload.devicePaths ?? []).entries()) {
    if (/^\/dev\/[^\s/]/.test(path) && !path.split('/').includes('..')) continue;
    yield {
      path: [...SIGN_PATH, 'devicePaths', index],
      message: `${path === '' ? 'An empty text' : path} is no path of a device.`,
      hint: 'Write a path such as /dev/nvme1n1, or choose drives by serial number.',
    };
  }
  yield* ruleFaults(payload);
}

/** Rules on types and on what is left alone: each has to say of which drives it is. */
function* ruleFaults({
  shared,
  driveTypeOverrides,
  driveExclusions,
}: Payload): Iterable<Omit<SpecProblem, 'spec'>> {
  const types = driveTypeOverrides?.rules ?? [];
  if (types.length > 0 && shared !== true) {
    yield {
      path: [...SIGN_PATH, 'driveTypeOverrides'],
      at: 'name',
      message: 'Types are told of shared drives only, and these drives are not shared.',
      hint: 'Set shared to true, or remove driveTypeOverrides.',
    };
  }
  for (const [field, rules] of [
    ['driveTypeOverrides', types],
    ['driveExclusions', driveExclusions?.rules ?? []],
  ] as const) {
    for (const [index, { type: _type, ...which }] of rules.entries()) {
      if (Object.values(which).some(Boolean)) continue;
      yield {
        path: [...SIGN_PATH, field, 'rules', index],
        message: 'A rule tells drives by model or capacityGiB, and this one has neither.',
        hint: 'Set model, capacityGiB or both, or remove the rule.',
      };
    }
  }
}

function size(value: readonly string[] | object | undefined): number {
  return value === undefined ? 0 : Object.keys(value).length;
}
