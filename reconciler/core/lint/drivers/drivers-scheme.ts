import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { withScheme } from './service-address.ts';

/** The vendor's own guide writes addresses so, and they may well be understood: a warning only. */
export const driversScheme: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Without https:// it is left to each program what to make of an address, and drivers may not be found.',
  example: {
    wrong: 'spec:\n  driversDistService: drivers.weka.io',
    right: 'spec:\n  driversDistService: https://drivers.weka.io',
  },
  *check(set) {
    for (const { spec, written, address } of driversUsers(set)) {
      const meant = address === undefined ? withScheme(written, spec.manifest.metadata.namespace) : undefined;
      if (meant === undefined) continue;
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `${quoted(written)} has no https:// before it.`,
        hint: `Write ${meant}.`,
      };
    }
  },
};
