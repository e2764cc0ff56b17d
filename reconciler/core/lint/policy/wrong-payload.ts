import type { SpecProblem } from '../spec-rule.ts';

/** What a type of policy, or an action, is told what to do by. */
export interface Wanted {
  readonly payload: string;
  /** Why there is nothing to do without it; undefined where there is. */
  readonly needed?: string;
}

type Fault = Omit<SpecProblem, 'spec'>;

/** Payloads that are missing for `name`, or are for another one. */
export function* wrongPayload(
  payload: Readonly<Record<string, unknown>>,
  name: string,
  field: 'type' | 'action',
  wanted: Readonly<Record<string, Wanted>>,
): Iterable<Fault> {
  const own = wanted[name];
  if (own?.needed !== undefined && payload[own.payload] === undefined) {
    yield {
      path: ['spec', 'payload'],
      at: 'name',
      message: `The ${field} is ${name}, and payload has no ${own.payload}: ${own.needed}.`,
      hint: `Set payload.${own.payload}.`,
    };
  }
  for (const each of Object.keys(payload)) {
    if (!each.endsWith('Payload') || each === own?.payload || payload[each] === undefined) continue;
    const users = Object.keys(wanted).filter((other) => wanted[other]?.payload === each);
    if (users.length === 0) continue;
    yield {
      path: ['spec', 'payload', each],
      at: 'name',
      message: `The ${field} is ${name}, and ${each} is for ${users.join(' and ')}.`,
      hint: `Remove ${each}, or set ${field} to ${users[0]}.`,
    };
  }
}

/** Payloads that policies and operations have in common (weka-operator §4.2). */
export const COMMON_PAYLOADS: Readonly<Record<string, Wanted>> = {
  'sign-drives': { payload: 'signDrivesPayload', needed: 'it does not say which drives' },
  'discover-drives': { payload: 'discoverDrivesPayload' },
  'ensure-nics': { payload: 'ensureNICsPayload', needed: 'it does not say which cloud' },
  'remote-traces-session': {
    payload: 'remoteTracesSessionPayload',
    needed: 'it does not say whose traces',
  },
  'clean-stale-virtual-drives': { payload: 'cleanStaleVirtualDrivesPayload' },
};
