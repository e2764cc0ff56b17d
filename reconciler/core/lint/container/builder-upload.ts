import type { SpecRule } from '../spec-rule.ts';

/** A builder gives what it built to a distribution service, and ends (weka-operator §3.1). */
export const builderUpload: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'What a builder built goes with its pod, unless a distribution service takes it.',
  example: {
    wrong: 'kind: WekaContainer\nspec:\n  mode: drivers-builder',
    right:
      'kind: WekaContainer\nspec:\n  mode: drivers-builder\n  uploadResultsTo: dist\n---\nkind: WekaContainer\nmetadata: { name: dist }\nspec:\n  mode: drivers-dist',
  },
  *check({ containers }) {
    for (const spec of containers) {
      const { mode, uploadResultsTo } = spec.container.spec;
      if (mode === 'drivers-builder' && !uploadResultsTo) {
        yield {
          spec,
          path: ['spec', 'mode'],
          message: 'The builder gives its packages to nobody.',
          hint: 'Set uploadResultsTo to the name of a container of mode drivers-dist.',
        };
      } else if (mode !== 'drivers-builder' && uploadResultsTo) {
        yield {
          spec,
          path: ['spec', 'uploadResultsTo'],
          at: 'name',
          message: `Only a drivers-builder uploads what it made, and this is a ${mode}.`,
          hint: 'Remove uploadResultsTo, or set mode to drivers-builder.',
        };
      }
    }
  },
};
