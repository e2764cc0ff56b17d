import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord, record, records } from '../../../../reconciler/core/kube/json.ts';
import { kindOf, KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import type { FieldPath } from '../../../../reconciler/core/plan/field-path.ts';
import { hideSecrets, secretTexts } from '../../../../reconciler/core/plan/hide-secrets.ts';
import { keyedMark, plainMark } from '../../../../reconciler/core/plan/mark.ts';
import { leaves } from '../../../../reconciler/core/plan/leaves.ts';
import { aConfigMap, aDeployment } from '../../../support/objects.ts';
import { ARGUMENT_LISTS } from '../../../support/secret-arguments.ts';
import { sharedCluster } from '../../../cluster/shared.ts';

const control = await sharedCluster();

const shown = (value: unknown, ...path: readonly string[]) =>
  hideSecrets(
    value,
    path.map((field) => ({ field })),
    plainMark,
  );

const secret = fc.stringMatching(/^[A-Za-z0-9!%*+.^_~-]{0,20}$/).map((text) => `S3cr3t${text}S3cr3t`);
const name = fc.constantFrom(
  'password',
  'DB_PASSWORD',
  'apiKey',
  'client-secret',
  'x/auth-token',
  'dbpass',
  'ADMINPASS',
  'MYSQLPWD',
  'bindpw',
  'TS_AUTHKEY',
  'privkey',
  'passkey',
  'unseal_key',
  'REDIS_AUTH',
  'basic_auth',
  'secret_id',
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

  it('is hidden in all that stands below its name, whatever it is called there', () => {
    expect(
      shown({
        credentials: { value: 'a', user: 'jane', more: { b: 'c', deep: [{ d: 'e' }, 'f', 7] } },
        passwords: [{ jane: 'g' }],
        password: { name: 'db', key: 'password', optional: true },
      }),
    ).toEqual({
      credentials: {
        value: '(hidden)',
        user: 'jane',
        more: { b: '(hidden)', deep: [{ d: '(hidden)' }, '(hidden)', '(hidden)'] },
      },
      passwords: [{ jane: '(hidden)' }],
      password: { name: 'db', key: 'password', optional: true },
    });
    const path = (...fields: readonly string[]) => fields.map((field) => ({ field }));
    const at = (value: unknown, ...fields: readonly string[]) =>
      hideSecrets(value, path(...fields), plainMark);
    expect(at('a', 'spec', 'credentials', 'value')).toBe('(hidden)');
    expect(at('a', 'spec', 'credentials', 'more', 'b')).toBe('(hidden)');
    expect(at({ b: 'c' }, 'spec', 'credentials', 'more')).toEqual({ b: '(hidden)' });
    expect(at('jane', 'spec', 'credentials', 'user')).toBe('jane');
    expect(at('a', 'spec', 'credentials', 'labels', 'value')).toBe('a');
  });

  it('is hidden below its name in a text that is JSON or YAML as well', () => {
    const inText = (text: string) => shown(text, 'data', 'app.conf');
    expect(inText('{"credentials":{"user":"jane","value":"hunt\\"er2"},"x":1}')).toBe(
      '{"credentials":{"user":"jane","value":"(hidden)"},"x":1}',
    );
    expect(
      inText(
        'a: 1\ncredentials: # them\n  user: jane\n  deep:\n    - b: hunter2\n      c: |\n        one-two\n',
      ),
    ).toBe(
      'a: 1\ncredentials: # them\n  user: jane\n  deep:\n    - b: (hidden)\n      c: |\n        (hidden)\n',
    );
    expect(inText('credentials: {a: hunter2}\nb: 2')).toBe('credentials: (hidden)\nb: 2');
    const ordinary =
      'volumes:\n- secret:\n    secretName: tokens\n    items:\n    - key: abcd\n      path: efgh\n';
    expect(inText(ordinary)).toBe(ordinary);
    const many = Array.from({ length: 20_000 }, (_, index) => `  - jane: secret-${index}\n`).join('');
    expect(inText(`tokens:\n${many.slice(0, 200_000)}`)).not.toContain('secret-');
    const broken = 'credentials:\n  a: [\n';
    expect(inText(broken)).toBe(broken);
  });

  it('is hidden by the key that stands beside it, and in a default', () => {
    expect(
      shown([
        { key: 'password', value: 'a' },
        { name: 'token', default: 'b' },
        { key: 'dedicated', value: 'gpu' },
      ]),
    ).toEqual([
      { key: 'password', value: '(hidden)' },
      { name: 'token', default: '(hidden)' },
      { key: 'dedicated', value: 'gpu' },
    ]);
    const path: FieldPath = [{ field: 'parameters' }, { keys: { key: 'password' } }, { field: 'value' }];
    expect(hideSecrets('a', path, plainMark)).toBe('(hidden)');
  });

  it('is hidden in the Base64 of a text that holds one, and that text is kept out as well', () => {
    const script = 'set -e\nexport PASSWORD=hunter2\nrun';
    const encoded = Buffer.from(script).toString('base64');
    const env = [{ name: 'PRE_RUN_SCRIPT', value: encoded }];
    expect(shown(env)).toEqual([{ name: 'PRE_RUN_SCRIPT', value: '(hidden)' }]);
    expect(secretTexts(env)).toEqual(expect.arrayContaining([encoded, 'hunter2']));
    const harmless = Buffer.from('set -e\nmodprobe nvme\n').toString('base64');
    expect(shown(harmless, 'env')).toBe(harmless);
    const binary = Buffer.from(Array.from({ length: 96 }, (_, index) => index * 2.5)).toString('base64');
    expect(shown(binary, 'caBundle')).toBe(binary);
  });

  it('does not hide what is about a secret, or no value', () => {
    const ordinary = {
      keyRef: { name: 'db', key: 'a' },
      passThrough: 'yes1',
      compass: 'north',
      tokenRequests: [{ audience: 'a', expirationSeconds: 600 }],
      volumes: [
        {
          name: 'a',
          secret: { secretName: 'b', defaultMode: 420, optional: false, items: [{ key: 'c', path: 'd' }] },
        },
        {
          name: 'e',
          projected: {
            sources: [
              { secret: { name: 'f', items: [{ key: 'g', path: 'h', mode: 256 }] } },
              { serviceAccountToken: { audience: 'i', expirationSeconds: 600, path: 'j' } },
            ],
          },
        },
      ],
      tls: [{ hosts: ['k'], secretName: 'l' }],
      secrets: [{ name: 'm' }],
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
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

  it.each<[readonly string[], readonly string[]]>([
    [
      ['mysql', '-phunter2'],
      ['mysql', '-p(hidden)'],
    ],
    [
      ['--password', 'hunter2'],
      ['--password', '(hidden)'],
    ],
    [
      ['-p', 'hunter2'],
      ['-p', '(hidden)'],
    ],
    [
      ['sh', '-c', 'curl -u a:hunter2'],
      ['sh', '-c', 'curl -u a:(hidden)'],
    ],
    [
      ['env', 'A_TOKEN=hunter2', 'run'],
      ['env', 'A_TOKEN=(hidden)', 'run'],
    ],
    [
      ['ssh', '-p', '22', '-path', 'b', '-pd', '-u', '0:0'],
      ['ssh', '-p', '22', '-path', 'b', '-pd', '-u', '0:0'],
    ],
    [
      ['mkdir', '-p', 'data', '-p$(PASSWORD)', '--kubeconfig', 'a'],
      ['mkdir', '-p', 'data', '-p$(PASSWORD)', '--kubeconfig', 'a'],
    ],
  ])('is hidden as the arguments before it make it one: %j', (args, hidden) => {
    expect(shown({ args })).toEqual({ args: hidden });
    expect(shown(args, 'exec', 'command')).toEqual(hidden);
  });

  it('is hidden in a single argument as well, and in those of a command that stands beside them', () => {
    const container = { name: 'a', command: ['mysql', '--password'], args: ['hunter2', '-phunter3', 'x'] };
    const pod = { spec: { containers: [container] } };
    const path: FieldPath = [{ field: 'spec' }, { field: 'containers' }, { keys: { name: 'a' } }];
    const leaf = (value: unknown, ...steps: FieldPath) =>
      hideSecrets(value, [...path, ...steps], plainMark, [{}, undefined, pod]);
    const args = { field: 'args' };
    expect(shown(pod)).toEqual({
      spec: { containers: [{ ...container, args: ['(hidden)', '-p(hidden)', 'x'] }] },
    });
    expect(leaf(container.args, args)).toEqual(['(hidden)', '-p(hidden)', 'x']);
    expect(leaf('hunter2', args, { index: 0 })).toBe('(hidden)');
    expect(leaf('-phunter3', args, { index: 1 })).toBe('-p(hidden)');
    expect(leaf('x', args, { index: 2 })).toBe('x');
    expect(shown('hunter2', 'tokens')).toBe('(hidden)');
    expect(hideSecrets('hunter2', [{ field: 'tokens' }, { index: 1 }], plainMark)).toBe('(hidden)');
    expect(secretTexts(pod)).toEqual(['hunter2', 'hunter3']);
  });

  it('is nowhere left in the single fields of a container, however its arguments are cut in two', () => {
    fc.assert(
      fc.property(name, secret, fc.constantFrom(...ARGUMENT_LISTS), fc.nat(6), (key, value, list, cut) => {
        const all = list(key.split('/').at(-1) ?? key, value);
        const [command, args] = [all.slice(0, cut), all.slice(cut)];
        const pod = aDeployment('web', { container: { command, args } });
        const fields = leaves(pod).flatMap(({ path, value: whole }) => [
          { path, whole },
          ...(Array.isArray(whole)
            ? whole.map((each, index) => ({ path: [...path, { index }], whole: each }))
            : []),
        ]);
        expect(JSON.stringify(shown(pod))).not.toContain('S3cr3t');
        for (const { path, whole } of fields) {
          expect(JSON.stringify(hideSecrets(whole, path, plainMark, [pod]))).not.toContain('S3cr3t');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is nowhere left in an object, wherever it is put', () => {
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
      (key: string, value: string): object => ({
        data: { 'a.json': JSON.stringify({ [key]: { deep: [value] } }) },
      }),
      (key: string, value: string): object => ({
        data: { 'a.yaml': `${key}:\n  deep:\n  - a: '${value}'\n` },
      }),
      (key: string, value: string): object => ({ [key]: { value } }),
      (key: string, value: string): object => ({ [key]: { a: [{ b: { c: value } }, value] } }),
      (key: string, value: string): object => ({ [key]: [{ deep: value }] }),
      (key: string, value: string): object => ({
        params: [
          { key, value },
          { name: key, default: value },
        ],
      }),
      (key: string, value: string): object => ({
        env: [
          {
            name: 'PRE_RUN_SCRIPT',
            value: Buffer.from(`set -e\nexport ${key.split('/').at(-1)}=${value}\n`).toString('base64'),
          },
        ],
      }),
      (key: string, value: string): object => ({
        data: { 'a.xml': `<a><property name="${key.split('/').at(-1)}" value="${value}"/></a>` },
      }),
    );
    fc.assert(
      fc.property(name, secret, place, (key, value, at) => {
        const whole = { spec: at(key, value) };
        const said = [
          shown(whole),
          ...leaves(whole as never).map((leaf) => hideSecrets(leaf.value, leaf.path, plainMark)),
        ];
        expect(JSON.stringify(said)).not.toContain('S3cr3t');
        expect(JSON.stringify(said)).not.toContain(Buffer.from(value).toString('base64').slice(4, 12));
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
