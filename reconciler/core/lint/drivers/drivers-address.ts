import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { withScheme } from './service-address.ts';

/** What `weka driver download --from` can be given (weka-operator §3.1, §3.2). */
export const driversAddress: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Driver packages come from a web address or a folder, and containers wait for drivers until they can.',
  example: {
    wrong: 'spec:\n  driversDistService: ftp://drivers.weka.io',
    right: 'spec:\n  driversDistService: https://drivers.weka.io',
  },
  *check(set) {
    for (const { spec, written, address } of driversUsers(set)) {
      // What lacks no more than its scheme has a rule of its own.
      if (address !== undefined || withScheme(written) !== undefined) continue;
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `${quoted(written)} is no address of a distribution service.`,
        hint: 'Write https://drivers.weka.io, or https://SERVICE.NAMESPACE.svc.cluster.local:60002.',
      };
    }
  },
};
