import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import { describeReference } from '../client/target-of.ts';
import type { SpecOf, SpecProblem, SpecRule } from '../spec-rule.ts';
import { cycleThrough } from './cycle.ts';

/** waitForPolicies names policies of the same namespace (weka-operator §1.7, §5). */
export const policyOrder: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A policy that waits for one which never is done never runs.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { name: one }\nspec: { type: discover-drives, payload: { waitForPolicies: [two] } }\n---\nkind: WekaPolicy\nmetadata: { name: two }\nspec: { type: discover-drives, payload: { waitForPolicies: [one] } }',
    right:
      'kind: WekaPolicy\nmetadata: { name: one }\nspec: { type: discover-drives, payload: {} }\n---\nkind: WekaPolicy\nmetadata: { name: two }\nspec: { type: discover-drives, payload: { waitForPolicies: [one] } }',
  },
  *check({ policies, has }) {
    const known = new Map(policies.map((spec) => [describeReference(spec.policy.metadata), spec]));
    const waitsFor = (name: string): readonly string[] => {
      const spec = known.get(name);
      const { namespace = '' } = spec?.policy.metadata ?? {};
      return awaited(spec).map((each) => describeReference({ namespace, name: each }));
    };
    const siblings = (namespace: string): readonly string[] =>
      policies
        .map(({ policy }) => policy.metadata)
        .flatMap((each) => (each.namespace === namespace ? [each.name] : []));
    for (const spec of policies) {
      const { metadata } = spec.policy;
      const own = describeReference(metadata);
      for (const [index, name] of awaited(spec).entries()) {
        const path = ['spec', 'payload', 'waitForPolicies', index];
        if (!has('WekaPolicy', metadata.namespace, name)) {
          yield { spec, path, ...unknown(name, metadata.namespace, siblings) };
          continue;
        }
        const circle = cycleThrough(
          own,
          describeReference({ namespace: metadata.namespace, name }),
          waitsFor,
        );
        if (circle === undefined) continue;
        const names = circle.map((each) => each.slice(each.indexOf('/') + 1));
        yield {
          spec,
          path,
          message:
            names.length === 2
              ? 'The policy waits for itself.'
              : `The policies wait for each other: ${names.join(' → ')}.`,
          hint: 'Remove one of these names from waitForPolicies.',
        };
      }
    }
  },
};

function awaited(spec: SpecOf<'WekaPolicy'> | undefined): readonly string[] {
  return spec?.policy.spec.payload.waitForPolicies ?? [];
}

function unknown(
  name: string,
  namespace: string,
  siblings: (namespace: string) => readonly string[],
): Pick<SpecProblem, 'message' | 'hint'> {
  return {
    message: `There is no WekaPolicy ${quoted(name)} in namespace ${namespace}.`,
    hint: () => {
      const near = nearest(name, siblings(namespace));
      return near === undefined
        ? 'Remove it from waitForPolicies, or add the policy.'
        : `Did you mean ${near}?`;
    },
  };
}
