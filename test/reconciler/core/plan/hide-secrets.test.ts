import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord, record, records } from '../../../../reconciler/core/kube/json.ts';
import { kindOf, KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { hideSecrets, secretTexts } from '../../../../reconciler/core/plan/hide-secrets.ts';
import { keyedMark, plainMark } from '../../../../reconciler/core/plan/mark.ts';
import { aConfigMap, aDeployment } from '../../../support/objects.ts';
import { sharedCluster } from '../../../cluster/shared.ts';

const control = await sharedCluster();

const shown = (value: unknown, ...path: readonly string[]) =>
  hideSecrets(
    value,
    path.map((field) => ({ field })),
    plainMark,
  );

describe('what looks like a secret', () => {
  it('is hidden by the name of its entry, variable, header or flag', () => {
    expect(shown({ password: 'a', user: 'b', retries: 3 }, 'data')).toEqual({
      password: '(hidden)',
      user: 'b',
      retries: 3,
    });
    expect(shown('hunter2', 'metadata', 'annotations', 'example.com/token')).toBe('(hidden)');
    expect(
      shown(
        [
          { name: 'DB_PASSWORD', value: 'a' },
          { name: 'MODE', value: 'a' },
        ],
        'env',
      ),
    ).toEqual([
      { name: 'DB_PASSWORD', value: '(hidden)' },
      { name: 'MODE', value: 'a' },
    ]);
    const value: FieldPath = [{ field: 'env' }, { keys: { name: 'API_KEY' } }, { field: 'value' }];
    expect(hideSecrets('hunter2', value, plainMark)).toBe('(hidden)');
    expect(shown([{ name: 'Authorization', value: 'Basic eDp5' }], 'httpHeaders')).toEqual([
      { name: 'Authorization', value: '(hidden)' },
    ]);
    expect(
      shown(['--password', 'a', '--token=b', '-u', 'jane:c', '--verbose', 'd', '--secret-name', 'e'], 'args'),
    ).toEqual([
      '--password',
      '(hidden)',
      '--token=(hidden)',
      '-u',
      'jane:(hidden)',
      '--verbose',
      'd',
      '--secret-name',
      'e',
    ]);
    expect(shown({ tokens: ['a', 'b'], pin: { password: 12345 } })).toEqual({
      tokens: ['(hidden)', '(hidden)'],
      pin: { password: '(hidden)' },
    });
  });

  it('does not hide what is about a secret, or no value', () => {
    const ordinary = {
      secretName: 'token',
      tokenExpirationSeconds: 3600,
      passwordSecretRef: { name: 'db', key: 'password' },
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'registry' }],
      env: [
        { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
        { name: 'TOKEN', value: '$(DB_PASSWORD)' },
        { name: 'SECRET', value: '' },
      ],
      password: 'true',
    };
    expect(shown(ordinary)).toEqual(ordinary);
  });

  it('is the same where it is the same, and nobody can find it by trying', () => {
    const mark = keyedMark(Buffer.from('a key'));
    const { a, b, c } = Object.fromEntries(
      Object.entries({ a: 'hunter2', b: 'hunter2', c: 'hunter3' }).map(([name, value]) => [
        name,
        hideSecrets(value, [{ field: `${name}-password` }], mark),
      ]),
    );
    expect(a).toMatch(/^\(hidden #[0-9a-f]{8}\)$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    expect(keyedMark(Buffer.from('another key'))('hunter2')).not.toBe(a);
  });

  it('is found in a whole object, to be kept out of what is said of it', () => {
    const web = aDeployment('web', {
      container: {
        args: ['--token=one'],
        env: [
          { name: 'PASSWORD', value: 'two' },
          { name: 'A', value: 'b' },
        ],
      },
    });
    expect(secretTexts(web)).toEqual(['one', 'two']);
    expect(secretTexts(aConfigMap('a', { 'app.yaml': 'url: http://jane:three@b\n', c: 'd' }))).toEqual([
      'three',
    ]);
  });

  it('is nowhere left in an object, wherever it is put', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!%*+.^_~-]{0,20}$/).map((text) => `S3cr3t${text}S3cr3t`);
    const name = fc.constantFrom('password', 'DB_PASSWORD', 'apiKey', 'client-secret', 'x/auth-token');
    const place = fc.constantFrom(
      (key: string, value: string): object => ({ data: { [key]: value } }),
      (key: string, value: string): object => ({ metadata: { annotations: { [key]: value } } }),
      (key: string, value: string): object => ({ env: [{ name: key, value }] }),
      (key: string, value: string): object => ({ args: ['a', `--${key.split('/').at(-1)}`, value, 'b'] }),
      (key: string, value: string): object => ({ args: [`--${key.split('/').at(-1)}=${value}`] }),
      (key: string, value: string): object => ({ data: { 'a.yaml': `x: 1\ny:\n  ${key}: ${value}\n` } }),
      (key: string, value: string): object => ({
        data: { 'a.json': JSON.stringify({ b: { [key]: value } }) },
      }),
      (key: string, value: string): object => ({
        data: { nested: JSON.stringify({ b: JSON.stringify({ [key]: value }) }) },
      }),
      (_key: string, value: string): object => ({ value: `see https://jane:${value}@example.com/` }),
      (key: string, value: string): object => ({ parameters: { [key]: value } }),
    );
    fc.assert(
      fc.property(name, secret, place, (key, value, at) => {
        expect(JSON.stringify(shown({ spec: at(key, value) }))).not.toContain('S3cr3t');
      }),
      { numRuns: 500 },
    );
  });
});

interface Definition {
  readonly definitions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('no field of WEKA’s kinds or ours', () => {
  it('is taken for a secret: all of them hold names', () => {
    const strings = new Set<string>();
    const visit = (schema: unknown): void => {
      if (Array.isArray(schema)) schema.forEach(visit);
      if (!isRecord(schema)) return;
      for (const [name, member] of Object.entries(record(schema['properties']))) {
        const { type, items } = record(member);
        if (type === 'string' || record(items)['type'] === 'string') strings.add(name);
      }
      Object.values(schema).forEach(visit);
    };
    visit(
      JSON.parse(readFileSync(new URL('../../../../schemas/json/weka-gitops.json', import.meta.url), 'utf8')),
    );
    expect(strings.size).toBeGreaterThan(100);
    expect([...strings].filter((name) => shown('x', name) !== 'x')).toEqual([]);
  });
});

describe('no field of Kubernetes', () => {
  it('is taken for a secret, but for the maps and lists where anything may stand', async () => {
    const { definitions } = await control.api.json<Definition>('GET', '/openapi/v2');
    const names = new Set<string>();
    const seen = new Set<string>();
    const visit = (schema: unknown): void => {
      const { $ref, properties, items, allOf } = record(schema);
      if (typeof $ref === 'string') {
        if (seen.has($ref)) return;
        seen.add($ref);
        visit(definitions[$ref.replace('#/definitions/', '')]);
      }
      records(allOf).forEach(visit);
      if (isRecord(items)) visit(items);
      for (const [name, member] of Object.entries(record(properties))) {
        const { type, items: elements } = record(member);
        if (type === 'string' || record(elements)['type'] === 'string') names.add(name);
        visit(member);
      }
    };
    for (const definition of Object.values(definitions)) {
      const isOurs = records(definition['x-kubernetes-group-version-kind']).some(
        ({ group, version, kind }) => {
          const apiVersion = group === '' ? String(version) : `${String(group)}/${String(version)}`;
          return KINDS.includes(kindOf({ apiVersion, kind: String(kind) })!);
        },
      );
      if (isOurs) visit(definition);
    }
    expect(names.size).toBeGreaterThan(200);
    const hidden = [...names].filter((name) => shown('x', name) !== 'x');
    expect(hidden).toEqual([]);
  });
});
