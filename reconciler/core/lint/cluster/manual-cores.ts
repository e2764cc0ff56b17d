import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';
import { ROLE_WORDS, ROLES } from './roles.ts';

/** With the manual policy cores are those of coreIds, and there are as many (weka-operator §2.3). */
export const manualCores: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'With the manual CPU policy a container starts only on cores that are named, enough of them and each once.',
  example: {
    wrong:
      'spec:\n  cpuPolicy: manual\n  roleCoreIds:\n    compute: [1]\n    drive: [2]\n  dynamicTemplate: { computeCores: 2 }',
    right:
      'spec:\n  cpuPolicy: manual\n  roleCoreIds:\n    compute: [1, 2]\n    drive: [3]\n  dynamicTemplate: { computeCores: 2 }',
  },
  check: eachCluster(function* (cluster) {
    const sizing = sizingOf(cluster);
    const manual = cluster.cpuPolicy === 'manual';
    for (const { role, containers, cores } of ROLES) {
      const ids = cluster.roleCoreIds?.[role] ?? [];
      const path = ['spec', 'roleCoreIds', role];
      const again = ids.find((id, index) => ids.indexOf(id) !== index);
      if (again !== undefined) {
        yield {
          path,
          message: `Core ${again} is named twice for ${ROLE_WORDS[role]} containers.`,
          hint: 'Name each core once.',
        };
      }
      if (!manual || sizing[containers] === 0 || ids.length >= sizing[cores]) continue;
      const one = sizing[cores] === 1;
      const needed = one ? '1 core' : `${sizing[cores]} cores`;
      const some = `${ids.length === 0 ? 'none' : ids.length} of them ${ids.length === 1 ? 'is' : 'are'}`;
      const named = one ? 'it is not' : some;
      yield {
        path: ids.length === 0 ? ['spec', 'cpuPolicy'] : path,
        beside: [['spec', 'cpuPolicy'], path, inTemplate(cores)],
        message: `A ${ROLE_WORDS[role]} container has ${needed}, and ${named} named in roleCoreIds.`,
        hint: `Name ${needed} in roleCoreIds.${role}, or leave cpuPolicy at auto.`,
      };
    }
  }),
};
