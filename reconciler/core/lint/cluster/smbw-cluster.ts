import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

/** 3 to 8 containers, and a domain to join (weka-operator §1.1, §1.2, §2.8). */
export const smbwCluster: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'An SMB cluster has 3 to 8 containers, and joins a domain.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate: { smbwContainers: 2 }\n  smbw: { domainName: corp.example.com, domainJoinSecret: smb-join }',
    right:
      'spec:\n  dynamicTemplate: { smbwContainers: 3 }\n  smbw: { domainName: corp.example.com, domainJoinSecret: smb-join }',
  },
  check: eachCluster(function* ({ dynamicTemplate: { smbwContainers: containers }, smbw }) {
    if (containers > 0 && (containers < 3 || containers > 8)) {
      yield {
        path: inTemplate('smbwContainers'),
        message: `An SMB cluster has 3 to 8 containers, and ${containers === 1 ? '1 is' : `${containers} are`} asked for.`,
        hint: `Set smbwContainers to ${containers < 3 ? 3 : 8}, or to 0 for none.`,
      };
    }
    if (containers > 0 && smbw === undefined) {
      yield {
        path: inTemplate('smbwContainers'),
        message: `${containers} SMB containers are asked for, and no domain that they join.`,
        hint: 'Set spec.smbw, with domainName and domainJoinSecret.',
      };
    }
    if (smbw === undefined) return;
    for (const which of ['default', 'joined'] as const) {
      const from = smbw[`${which}DomainMappingFromId`];
      const to = smbw[`${which}DomainMappingToId`];
      if (from === undefined || to === undefined || from <= to) continue;
      yield {
        path: ['spec', 'smbw', `${which}DomainMappingFromId`],
        message: `Ids from ${from} to ${to} are none.`,
        hint: 'Swap both numbers, or mend them.',
      };
    }
  }),
};
