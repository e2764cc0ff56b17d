import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import type { DecryptionKeys } from '../../../../reconciler/world/secrets/data-key.ts';
import { isSops, openSealed } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import {
  type AgeKey,
  ageKey,
  type PgpKey,
  pgpKey,
  seal,
  type Sealing,
  textOf,
  unseal,
  withText,
} from './sealing.ts';

const SECRET = `# Access to the object store
apiVersion: v1
kind: Secret
metadata:
  name: store # of the cluster
  namespace: weka
  annotations: {size_unencrypted: "1.50", ratio_unencrypted: 1.50, day_unencrypted: 2024-01-02}
stringData:
  # the key
  key: 'hello "world" ü 🔑'
  count: 12345678901
  float: 1e21
  small: 0.0000001
  on: true
  off: false
  empty: ""
  nothing:
  lines: |
    one
    two
  "odd:name": a
  list: [a, 2, {deep: value}, null]
  time: 2024-01-02T03:04:05.5Z
`;

const CONFIG_MAP = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: weka}
data:
  key: another value
`;

const DATA_ONLY = ['--encrypted-regex', '^(data|stringData)$'];

let age: AgeKey;
let otherAge: AgeKey;
let pgp: PgpKey;
let keys: DecryptionKeys;

beforeAll(async () => {
  await sopsProgram();
  [age, otherAge, pgp] = await Promise.all([ageKey(), ageKey(), pgpKey()]);
  keys = { age: [age.identity], pgp: pgp.armored };
}, 900_000);

const open = (file: SourceFile, given: DecryptionKeys = keys) => openSealed([file], async () => given);
const values = (text: string) =>
  parseAllDocuments(text).flatMap((document) => {
    const { sops: _, ...rest } = (document.toJS() ?? {}) as Record<string, unknown>;
    return Object.keys(rest).length === 0 ? [] : [rest];
  });

/** What is said of a file, and that nothing of it may be applied. */
async function refusal(file: SourceFile, given?: DecryptionKeys): Promise<readonly string[]> {
  const { files, findings } = await open(file, given);
  expect(files).toMatchObject([{ unopened: true }]);
  expect(textOf(files[0]!)).not.toContain('hello');
  return findings.map(({ rule, line, column, message }) => `${line}:${column} ${rule}: ${message}`);
}

const lineOf = (file: SourceFile, start: string) =>
  textOf(file)
    .split('\n')
    .findIndex((line) => line.trimStart().startsWith(start)) + 1;

describe('a file that sops made', () => {
  const cases: readonly (readonly [string, () => Sealing])[] = [
    ['for an age key', () => ({ age: [age] })],
    ['for several age keys', () => ({ age: [otherAge, age] })],
    ['for a PGP key', () => ({ pgp: [pgp] })],
    ['for a foreign age key and our PGP key', () => ({ age: [otherAge], pgp: [pgp] })],
    ['with encrypted_regex', () => ({ age: [age], args: DATA_ONLY })],
    [
      'with unencrypted_regex',
      () => ({ age: [age], args: ['--unencrypted-regex', '(?i)^(KIND|apiVersion|meta[[:alpha:]]+)$'] }),
    ],
    ['with encrypted_suffix', () => ({ age: [age], args: ['--encrypted-suffix', 'Data'] })],
    ['with unencrypted_suffix', () => ({ age: [age], args: ['--unencrypted-suffix', 'data'] })],
    [
      'with encrypted_comment_regex',
      () => ({ config: `creation_rules: [{age: ${age.recipient}, encrypted_comment_regex: the key}]` }),
    ],
    [
      'with unencrypted_comment_regex',
      () => ({
        config: `creation_rules: [{age: ${age.recipient}, unencrypted_comment_regex: '^ (the key|Access)'}]`,
      }),
    ],
    [
      'with mac_only_encrypted',
      () => ({
        config: `creation_rules: [{age: ${age.recipient}, mac_only_encrypted: true, encrypted_regex: ^stringData$}]`,
      }),
    ],
    [
      'with key groups of which two are needed',
      () => ({
        pgp: [pgp],
        config: `creation_rules: [{shamir_threshold: 2, key_groups: [{age: [${age.recipient}]}, {age: [${otherAge.recipient}]}, {pgp: [${pgp.fingerprint}]}]}]`,
      }),
    ],
  ];
  it.each(cases)('%s is opened', async (_, sealing) => {
    const file = await seal(SECRET + CONFIG_MAP, sealing());
    expect(isSops(file)).toBe(true);

    const { files, findings } = await open(file);

    expect(findings).toEqual([]);
    expect(files[0]?.unopened).toBeUndefined();
    // What is plain at last does not depend on the keys or the rule.
    const plain = await unseal(await seal(SECRET + CONFIG_MAP, { age: [age] }), age);
    expect(values(textOf(files[0]!))).toEqual(values(plain));
  });

  it('is opened with its places kept, and every line that holds nothing encrypted as it was', async () => {
    const file = await seal(SECRET + CONFIG_MAP, { age: [age], args: DATA_ONLY });

    const { files } = await open(file);

    const before = textOf(file).split('\n');
    const after = textOf(files[0]!).split('\n');
    expect(after).toHaveLength(before.length);
    const blocks = textOf(file)
      .split(/^---\n/m)
      .flatMap((document) =>
        document
          .slice(document.indexOf('\nsops:') + 1)
          .trimEnd()
          .split('\n'),
      );
    const kept = before.map((line) => (blocks.includes(line) ? '#' : line));
    const untouched = kept.flatMap((line, index) =>
      line.includes(': ENC[') || line.includes('- ENC[') ? [] : [index],
    );
    expect(untouched.map((index) => after[index])).toEqual(untouched.map((index) => kept[index]));
    expect(after[lineOf(file, 'key:') - 1]).toBe('    key: "hello \\"world\\" ü 🔑"');
  });

  it('tells the paths of what was encrypted in each document, and not what the objects are called', async () => {
    const file = await seal(
      `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: x, l: [y]}\n${CONFIG_MAP}`,
      {
        age: [age],
      },
    );
    expect((await open(file)).files[0]?.sealed).toEqual([
      { document: 0, path: ['stringData', 'a'] },
      { document: 0, path: ['stringData', 'l', 0] },
      { document: 1, path: ['data', 'key'] },
    ]);
  });

  it('is opened as JSON too', async () => {
    const data = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      stringData: { a: 'b', n: 1.5, i: 12345678901, t: true, l: [1, null] },
      x_unencrypted: [1.0, 2e3, -0.5, 'ü\n'],
    };
    const file = await seal(JSON.stringify(data), { name: 'secret.json', age: [age] });
    const { files, findings } = await open(file);
    expect(findings).toEqual([]);
    expect(JSON.parse(textOf(files[0]!))).toEqual(data);
  });

  it('is opened in whatever style somebody has written it since', async () => {
    const file = await seal(SECRET, { age: [age], args: DATA_ONLY });
    const restyled = withText(file, (text) =>
      text
        .replaceAll('\n', '\r\n')
        .replace(/ key: (ENC.*)\r/, ' key: >-\r\n        $1\r')
        .replace(/float: (ENC.*)\r/, "float: '$1' # big\r"),
    );
    const { files, findings } = await open(restyled);
    expect(findings).toEqual([]);
    expect(values(textOf(files[0]!))).toEqual(values(await unseal(file, age)));
    expect(textOf(files[0]!).split('\r\n')).toHaveLength(textOf(restyled).split('\r\n').length);
  });

  it('keeps a text before its block whose last line breaks count', async () => {
    const file = await seal('kind: Secret\nstringData:\n  b: x\na_unencrypted: |+\n  text\n\n\n', {
      age: [age],
    });
    const { files, findings } = await open(file);
    expect(findings).toEqual([]);
    expect(values(textOf(files[0]!))).toEqual([
      { kind: 'Secret', stringData: { b: 'x' }, a_unencrypted: 'text\n\n\n' },
    ]);
  });
});

describe('a file of git', () => {
  it('is opened once, and again with other keys or another content', async () => {
    const file = { ...(await seal(SECRET, { age: [age], args: DATA_ONLY })), oid: 'a' };
    let now = keys;
    const source = async () => now;
    const openNow = async (given: SourceFile) => (await openSealed([given], source)).files[0];

    const first = await openNow(file);
    expect(first?.oid).toBeUndefined();
    expect(await openNow(file)).toBe(first);
    expect(await openNow({ ...file, path: 'other.yaml' })).toMatchObject({ path: 'other.yaml' });
    now = { age: [otherAge.identity] };
    expect(await openNow(file)).toMatchObject({ unopened: true });
    now = keys;
    const changed = withText(file, (text) => text.replace('name: store', 'name: other'));
    expect(await openNow({ ...changed, oid: 'b' })).toMatchObject({ unopened: true });
  });
});

describe('a file that sops did not make', () => {
  it.each([
    'kind: Secret\n',
    'sops: yes\n',
    'sops: {a: b}\n',
    'a: {sops: {mac: x}}\n',
    'sops: [\n',
    '\u0000sops',
  ])('%j is as it was', async (text) => {
    const file = { path: 'a.yaml', content: Buffer.from(text) };
    expect(isSops(file)).toBe(false);
    const asked = openSealed([file], () => Promise.reject(new Error('No key is needed.')));
    expect(await asked).toEqual({ files: [file], findings: [] });
  });
});

describe('keys', () => {
  it('that are not configured are missed, as an error or where nothing is applied as a warning', async () => {
    const file = await seal(SECRET, { age: [age], args: DATA_ONLY });
    expect(await refusal(file, { age: [] })).toEqual([
      '1:1 not-decrypted: The file is encrypted, and no key is configured to decrypt it.',
    ]);
    const { files, findings } = await openSealed([file], async () => ({ age: [] }), {
      withoutKey: 'warning',
    });
    expect(findings).toMatchObject([{ level: 'warning', rule: 'not-decrypted' }]);
    expect(values(textOf(files[0]!))).toMatchObject([{ kind: 'Secret', metadata: { name: 'store' } }]);
  });

  it('of others are named', async () => {
    expect(await refusal(await seal(SECRET, { age: [otherAge] }), { age: [age.identity] })).toEqual([
      `1:1 not-decrypted: The file is encrypted for ${otherAge.recipient}, and none of the configured keys is among them.`,
    ]);
    const other = await pgpKey();
    expect(await refusal(await seal(SECRET, { pgp: [other] }))).toEqual([
      `1:1 not-decrypted: The file is encrypted for ${other.fingerprint}, and none of the configured keys is among them.`,
    ]);
  });

  it('of too few groups do not do', async () => {
    const config = `creation_rules: [{shamir_threshold: 2, key_groups: [{age: [${age.recipient}]}, {age: [${otherAge.recipient}]}]}]`;
    expect(await refusal(await seal(SECRET, { config }))).toEqual([
      '1:1 not-decrypted: The file takes keys of 2 of its 2 key groups, and the configured ones open 1.',
    ]);
  });

  it('of key services are not asked for', async () => {
    const file = await seal(SECRET, { age: [age] });
    const moved = withText(file, (text) =>
      text.replace(/    age:\n/, '    kms:\n').replace('recipient:', 'arn:'),
    );
    expect(await refusal(moved)).toEqual([
      '1:1 not-decrypted: The file is encrypted for AWS KMS only, which is not supported.',
    ]);
  });
});

describe('a file that was changed by hand', () => {
  let file: SourceFile;
  beforeAll(async () => {
    file = await seal(SECRET + CONFIG_MAP, { age: [age], args: DATA_ONLY });
  });
  const mac =
    'Values of the file were changed, added or removed after it was encrypted: its MAC does not match.';
  const block = () => `${lineOf(file, 'sops:')}:1 tampered`;

  it('in a plain value is refused', async () => {
    expect(await refusal(withText(file, (text) => text.replace('name: store', 'name: other')))).toEqual([
      `${block()}: ${mac}`,
    ]);
  });

  it('by another plain field is refused', async () => {
    const more = withText(file, (text) => text.replace('kind: Secret', 'kind: Secret\ntype: x'));
    expect(await refusal(more)).toEqual([`${lineOf(more, 'sops:')}:1 tampered: ${mac}`]);
  });

  it('by a document less is refused', async () => {
    const less = withText(file, (text) => text.slice(0, text.indexOf('---\napi')));
    expect(await refusal(less)).toEqual([`${block()}: ${mac}`]);
  });

  it('in an encrypted value is refused at the value', async () => {
    const changed = withText(file, (text) => text.replace(/(key: ENC.*tag:).{4}/, '$1AAAA'));
    expect(await refusal(changed)).toEqual([
      `${lineOf(file, 'key:')}:10 tampered: The encrypted value of stringData.key was changed, or brought here from another place.`,
    ]);
  });

  it('so that a value stands in another place is refused', async () => {
    const changed = withText(file, (text) =>
      text.replace('float:', 'tmp:').replace('small:', 'float:').replace('tmp:', 'small:'),
    );
    expect((await refusal(changed)).map((text) => text.replace(/^\S+ /, ''))).toEqual([
      'tampered: The encrypted value of stringData.small was changed, or brought here from another place.',
      'tampered: The encrypted value of stringData.float was changed, or brought here from another place.',
    ]);
  });

  it('so that a value is plain is refused, without repeating it', async () => {
    const changed = withText(file, (text) => text.replace(/key: ENC.*/, 'key: hello'));
    const { findings } = await open(changed);
    expect(findings).toMatchObject([
      {
        rule: 'plain-leftover',
        line: lineOf(file, 'key:'),
        message: 'The value of stringData.key stands in plain in an encrypted file.',
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain('hello');
  });

  it.each([
    ['its time', /lastmodified: "2/, 'lastmodified: "1', 'Its mac or its lastmodified was changed.'],
    [
      'its MAC',
      /mac: .*/,
      'mac: ENC[AES256_GCM,data:,iv:AAAA,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]',
      'Its mac or its lastmodified was changed.',
    ],
    ['no MAC', /mac: .*/, 'mac: ""', 'It has no mac, so nothing shows that the file is whole.'],
    ['its recipients', /    age:/, '    old:', 'It names no key that could decrypt the file.'],
    [
      'two rules',
      /    version:/,
      '    encrypted_suffix: x\n    version:',
      'It has both encrypted_suffix and encrypted_regex, of which one may be set.',
    ],
    [
      'a rule that takes for ever',
      /\^\(data.*/,
      '^(([a-z]+)+)+$',
      'Its regular expression for what is encrypted cannot be understood.',
    ],
    [
      'a rule that is not Go’s',
      /\^\(data.*/,
      '(?=data)',
      'Its regular expression for what is encrypted cannot be understood.',
    ],
    ['no time', /lastmodified: .*/, 'lastmodified: yesterday', 'Its lastmodified is no time.'],
  ])('in its sops block (%s) is refused', async (_, from, to, fault) => {
    const changed = withText(file, (text) => {
      const at = text.indexOf('\nsops:');
      const long = fault.startsWith('Its regular') ? `${'a'.repeat(60)}!: null\n` : '';
      return long + text.slice(0, at) + text.slice(at).replace(from, to);
    });
    const line = lineOf(changed, 'sops:');
    expect(await refusal(changed)).toEqual([
      `${line}:1 tampered: The file’s sops block is not as SOPS wrote it. ${fault}`,
    ]);
  });

  it('in the data key is refused', async () => {
    const damaged = withText(file, (text) => text.replace(/FILE-----\n(\s+).{9}/, 'FILE-----\n$1AAAAAAAAA'));
    expect(await refusal(damaged)).toEqual([
      `${block()}: The data key for ${age.recipient} in the file’s sops block is damaged.`,
    ]);
  });

  it('in the rule, so that plain and encrypted change places, is refused', async () => {
    const changed = withText(file, (text) =>
      text.replace('encrypted_regex: ^(data|stringData)$', 'encrypted_regex: ^metadata$'),
    );
    expect((await refusal(changed)).map((text) => text.replace(/^\S+ ([\w-]+): .*/, '$1'))).toContain(
      'plain-leftover',
    );
  });

  it('so that only the block is lost is refused', async () => {
    const stripped = withText(file, (text) => text.replaceAll(/sops:\n(    .*\n)+/g, ''));
    expect(await refusal(stripped)).toEqual([
      `${lineOf(file, 'key:')}:10 tampered: The value is encrypted by SOPS, and the file has no sops block that could tell how to decrypt it.`,
    ]);
  });

  it('by an alias or a merge is refused', async () => {
    const aliased = withText(file, (text) => text.replace('kind: Secret', 'kind: &a Secret\ntype: *a'));
    expect(await refusal(aliased)).toEqual(['1:1 tampered: The encrypted file repeats values by aliases.']);
  });

  it('so that it is no YAML is left to those who read YAML', async () => {
    expect(await refusal(withText(file, (text) => text.replace('kind: Secret', 'kind: [')))).toEqual([]);
  });
});

describe('a Secret in plain beside its encrypted form', () => {
  it('is a leftover, wherever it stands', async () => {
    const sealed = await seal(SECRET, { age: [age], args: DATA_ONLY });
    const plain = { path: 'old/plain.yaml', content: Buffer.from(`kind: ConfigMap\n---\n${SECRET}`) };
    const { findings } = await openSealed([plain, sealed], async () => keys);
    expect(findings).toMatchObject([
      {
        file: 'old/plain.yaml',
        line: 4,
        rule: 'plain-leftover',
        message: 'Secret "weka/store" stands here in plain, and encrypted in secret.yaml.',
      },
    ]);
  });
});
