import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../reconciler/core/kube/kinds.ts';
import { kubernetesFields } from '../../scripts/generate-kubernetes-fields.ts';

const text = readFileSync(new URL('../../schemas/kubernetes-fields.json', import.meta.url), 'utf8');
const table = JSON.parse(text) as {
  kinds: Record<string, string>;
  types: Record<string, Record<string, string>>;
};

describe('the table of fields', () => {
  it('is what the generator makes', () => {
    expect(kubernetesFields()).toBe(text);
  });

  it('has every kind that we manage, and every type that it names', () => {
    for (const { apiVersion, kind } of KINDS) expect(table.kinds[`${apiVersion}/${kind}`]).toBeDefined();
    const named = Object.values(table.types)
      .flatMap((fields) => Object.values(fields))
      .map((type) => type.replace(/[[\]{}]/g, ''))
      .filter((type) => /^[A-Z]/.test(type));
    expect(named.filter((type) => table.types[type] === undefined)).toEqual([]);
  });

  it('names fields as manifests do', () => {
    expect(Object.keys(table.types['V1Container'] ?? {})).toContain('imagePullPolicy');
    expect(table.types['V1ResourceRequirements']?.['limits']).toBe('{quantity}');
    expect(table.types['V1ServicePort']?.['targetPort']).toBe('int-or-string');
    expect(table.types['V1Secret']?.['data']).toBe('{bytes}');
  });
});
