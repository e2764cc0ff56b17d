import { clientSizingOf, sizingOf } from '../../../../schemas/weka/sizing.ts';
import { COMPANIONS, memoryMiB } from '../../desired/sizing.ts';
import { CLUSTER_ROLES } from '../../placement/cluster-role.ts';
import { ROLE_WORDS } from '../cluster/roles.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';

/** additionalMemory comes on top of what is computed, and may be below 0 (weka-operator §1.1, §2.3). */
export const noMemory: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The API server refuses a pod that requests no memory, or less than none.',
  example: {
    wrong: 'spec:\n  additionalMemory: { compute: -100000 }',
    right: 'spec:\n  additionalMemory: { compute: -1000 }',
  },
  *check({ clusters, clients }) {
    for (const spec of clusters) {
      const { additionalMemory = {} } = spec.cluster.spec;
      const sizing = sizingOf(spec.cluster.spec);
      for (const { role, containers, cores, extraCores } of CLUSTER_ROLES) {
        const drives = role === 'drive' ? sizing.numDrives : 0;
        const has = memoryMiB({ role, cores: sizing[cores], extraCores: sizing[extraCores], drives });
        const more = additionalMemory[role] ?? 0;
        if (has + more > 0 || sizing[containers] === 0) continue;
        yield {
          spec,
          ...problem(['spec', 'additionalMemory', role], has, `${ROLE_WORDS[role]} container`, more),
        };
      }
      const { envoy: more = 0 } = additionalMemory;
      const { memoryMiB: has } = COMPANIONS.envoy(sizing.envoyCores);
      if (has + more > 0 || sizing.s3Containers === 0) continue;
      yield { spec, ...problem(['spec', 'additionalMemory', 'envoy'], has, 'proxy before S3', more) };
    }
    for (const spec of clients) {
      const { additionalMemory: more, extraCores, coresNum } = spec.client.spec;
      const { cores } = clientSizingOf({ coresNum });
      const has = memoryMiB({ role: 'client', cores, extraCores, drives: 0 });
      if (has + more <= 0) yield { spec, ...problem(['spec', 'additionalMemory'], has, 'client', more) };
    }
  },
};

function problem(path: readonly string[], has: number, who: string, more: number): Omit<SpecProblem, 'spec'> {
  return {
    path,
    message: `Of the ${has} MiB of memory of each ${who} ${-more} MiB are taken away, so none are left.`,
    hint: `Write a number above -${has}, or 0 for what is computed.`,
  };
}
