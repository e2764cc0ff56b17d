import { isRecord } from '../../kube/json.ts';
import { isSealed } from '../../spec/sealed.ts';
import { quoted } from '../../spec/text.ts';
import { perSpec } from '../per-spec.ts';
import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { isPublic } from './public-value.ts';

/** Keys that hold a secret where the rest of a Secret is encrypted, and they are not. */
const SECRET_KEY = /pass|token|secret|private|credential|key$/i;

export const plainSecret: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Whoever can read the repository, now or later, can read what stands in plain in it.',
  example: {
    wrong: 'kind: Secret\nmetadata: { name: join }\nstringData: { password: example }',
    right:
      '# the Secret is made in the cluster, or encrypted here with sops\nkind: Settings\nspec:\n  external: { secrets: [weka/join] }',
  },
  *check({ objectsOf }) {
    for (const spec of objectsOf('Secret')) {
      const [first, ...more] = keptPlainKeys(spec);
      if (first === undefined) continue;
      const names = [first, ...more].map(([, key]) => quoted(key));
      yield {
        spec,
        path: first,
        at: 'name',
        message: `${listed(names)} of the Secret ${names.length === 1 ? 'stands' : 'stand'} in plain in the repository.`,
        hint: 'Encrypt the file with sops, or make the Secret outside the repository and add it to external.secrets of Settings; change what it held, since git keeps it.',
      };
    }
  },
};

const keptPlainKeys = perSpec(plainKeys);

/** Paths of values that are neither encrypted, nor empty, nor public anyway. */
function plainKeys({ manifest, sealed }: SpecOf<'object'>): readonly (readonly [string, string])[] {
  const paths = sealed?.paths ?? [];
  const isPartly = paths.some(([field]) => field === 'data' || field === 'stringData');
  return (['data', 'stringData'] as const).flatMap((field) => {
    const values = manifest[field];
    if (!isRecord(values)) return [];
    return Object.entries(values)
      .filter(([key, value]) => {
        if (isSealed(paths, [field, key]) || typeof value !== 'string') return false;
        // Which values sops encrypts is decided in its own rules; names of users often are not among them.
        if (isPartly && !SECRET_KEY.test(key)) return false;
        return !isPublic(field === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value);
      })
      .map(([key]) => [field, key] as const);
  });
}

/** The first few: a Secret may have any number of keys. */
function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
