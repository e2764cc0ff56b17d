import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';

/** What `weka driver download --from` can be given (weka-operator §3.1, §3.2). */
export const driversAddress: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Nodes download driver packages from a web address, and containers wait for drivers until they can.',
  example: {
    wrong: 'spec:\n  driversDistService: drivers.weka.io',
    right: 'spec:\n  driversDistService: https://drivers.weka.io',
  },
  *check(set) {
    for (const { spec, written, address } of driversUsers(set)) {
      if (address !== undefined) continue;
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `${quoted(written)} is no address of a distribution service.`,
        hint: 'Write https://drivers.weka.io, or https://SERVICE.NAMESPACE.svc.cluster.local:60002.',
      };
    }
  },
};
