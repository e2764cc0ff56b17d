import { DISTRIBUTES, policyServiceName } from '../../desired/dist-services.ts';
import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';

/** A builder gives its packages to a distribution container of its namespace, or to the service of a policy there (weka-operator §3.1). */
export const uploadTarget: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'What a builder makes reaches no node unless a distribution container takes it.',
  example: {
    wrong:
      'kind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist }',
    right:
      'kind: WekaContainer\nmetadata: { name: dist }\nspec: { mode: drivers-dist }\n---\nkind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist }',
  },
  *check({ containers, policies, has }) {
    const served = containers.filter(({ container }) => container.spec.mode !== 'drivers-builder');
    const names = new Map(
      containers.map((spec) => [
        `${spec.container.metadata.namespace}/${spec.container.metadata.name}`,
        spec,
      ]),
    );
    const made = new Set(
      policies
        .filter(({ policy }) => policy.spec.type === DISTRIBUTES)
        .map(({ policy: { metadata } }) => `${metadata.namespace}/${policyServiceName(metadata.name)}`),
    );
    for (const spec of containers) {
      const { metadata, spec: builder } = spec.container;
      const { namespace } = metadata;
      const target = builder.uploadResultsTo;
      if (!target) continue;
      const found = names.get(`${namespace}/${target}`);
      if (found === undefined) {
        if (made.has(`${namespace}/${target}`)) continue;
        if (has('WekaContainer', namespace, target) || has('Service', namespace, target)) continue;
        yield {
          spec,
          path: ['spec', 'uploadResultsTo'],
          message: `There is no WekaContainer ${quoted(target)} in namespace ${namespace}.`,
          hint: () => {
            const near = nearest(
              target,
              served
                .filter(({ container }) => container.metadata.namespace === namespace)
                .map(({ container }) => container.metadata.name),
            );
            return near === undefined
              ? 'Name a WekaContainer of mode drivers-dist.'
              : `Did you mean ${near}?`;
          },
        };
      } else if (found.container.spec.mode === 'drivers-builder') {
        yield {
          spec,
          path: ['spec', 'uploadResultsTo'],
          message: `WekaContainer ${target} (${found.source}) builds drivers, and serves none.`,
          hint: 'Name a WekaContainer of mode drivers-dist.',
        };
      }
    }
  },
};
