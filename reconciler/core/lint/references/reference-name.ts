import { nameProblem } from '../../spec/rules/names.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { REFERRED_KINDS, writtenReferences } from './written-references.ts';

export const referenceName: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'What Kubernetes refuses as a name belongs to no object, so nothing can ever be found by it.',
  example: {
    wrong: 'spec:\n  imagePullSecret: Quay_Robot',
    right: 'spec:\n  imagePullSecret: quay-robot',
  },
  *check(set) {
    for (const kind of REFERRED_KINDS) {
      for (const reference of writtenReferences(set, kind)) {
        const why = nameProblem(reference.name, kind);
        if (why === undefined) continue;
        yield {
          spec: reference.spec,
          path: reference.path,
          message: `${quoted(reference.name)} is no name for a ${kind}: ${why}`,
          hint: `Write the name as it stands in the metadata of the ${kind}.`,
        };
      }
    }
  },
};
