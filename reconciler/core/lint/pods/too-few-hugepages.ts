import { clientSizingOf, sizingOf } from '../../../../schemas/weka/sizing.ts';
import { hugePagesMiB } from '../../desired/sizing.ts';
import { CLUSTER_ROLES } from '../../placement/cluster-role.ts';
import type { ValuePath } from '../../spec/source.ts';
import { inTemplate } from '../cluster/each-cluster.ts';
import { ROLE_WORDS } from '../cluster/roles.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';

/** What containers are given where nobody says otherwise, without the part for a capacity (weka-operator §2.3). */
export const tooFewHugepages: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Each core of WEKA uses huge pages from the start, and a container with fewer may not come up.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { computeHugepages: 1000 }',
    right: 'spec:\n  dynamicTemplate: { computeHugepages: 3000 }',
  },
  *check({ clusters, clients }) {
    for (const spec of clusters) {
      const sizing = sizingOf(spec.cluster.spec);
      for (const { role, hugePages: field, cores: coresField, containers } of CLUSTER_ROLES) {
        const given = sizing[field] ?? 0;
        const cores = sizing[coresField];
        const needed = hugePagesMiB({ role, cores, drives: role === 'drive' ? sizing.numDrives : 0 });
        if (given === 0 || given >= needed || sizing[containers] === 0) continue;
        const drives =
          role === 'drive' && sizing.numDrives > 0 ? ` and ${counted(sizing.numDrives, 'drive')}` : '';
        const who = `a ${ROLE_WORDS[role]} container with ${counted(cores, 'core')}${drives}`;
        yield {
          spec,
          ...problem(inTemplate(field), { given, needed, who: who.replace(/^a (?=[SN])/, 'an ') }),
        };
      }
    }
    for (const spec of clients) {
      const { hugepages: given = 0, coresNum } = spec.client.spec;
      const { cores } = clientSizingOf({ coresNum });
      const needed = hugePagesMiB({ role: 'client', cores, drives: 0 });
      if (given === 0 || given >= needed) continue;
      const who = `a client with ${counted(cores, 'core')}`;
      yield { spec, ...problem(['spec', 'hugepages'], { given, needed, who }) };
    }
  },
};

function problem(
  path: ValuePath,
  { given, needed, who }: { readonly given: number; readonly needed: number; readonly who: string },
): Omit<SpecProblem, 'spec'> {
  return {
    path,
    message: `${given} MiB of huge pages are less than the ${needed} MiB that ${who} uses.`,
    hint: `Set ${path.at(-1)} to ${needed} or more, or remove it to have it computed.`,
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
