import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedMark, plainMark } from '../../../../reconciler/core/plan/mark.ts';
import { hideInText } from '../../../../reconciler/core/plan/secret-text.ts';

const content = (text: string) => hideInText(text, plainMark, 'content');
const sentence = (text: string) => hideInText(text, plainMark, 'sentence');

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc=\n-----END RSA PRIVATE KEY-----';

describe('in a text', () => {
  it.each([
    ['https://jane:hunter2@example.com/a', 'https://jane:(hidden)@example.com/a'],
    [
      'see https://jane:hunter2@example.com and http://b',
      'see https://jane:(hidden)@example.com and http://b',
    ],
    ['postgres://app:p@ss/w@db:5432/x', 'postgres://app:(hidden)@db:5432/x'],
    ['https://ghs@example.com/a.git', 'https://(hidden)@example.com/a.git'],
    ['redis://:hunter2@cache', 'redis://:(hidden)@cache'],
    ['"amqp://a:hunter2@b"', '"amqp://a:(hidden)@b"'],
    ['--password=hunter2 --user=jane', '--password=(hidden) --user=jane'],
    ['run --password hunter2 --user jane', 'run --password (hidden) --user jane'],
    ['--from-literal=password=hunter2', '--from-literal=password=(hidden)'],
    ['curl -u jane:hunter2 https://a', 'curl -u jane:(hidden) https://a'],
    ['https://a/b?token=hunter2&x=1', 'https://a/b?token=(hidden)'],
    ['Authorization: Bearer abcdefghijk12', 'Authorization: Bearer (hidden)'],
    ['Authorization: Token abc', 'Authorization: Token (hidden)'],
    ['authorization: ApiKey x-y=z', 'authorization: ApiKey (hidden)'],
    ['curl -H "Authorization: Token abc" https://a', 'curl -H "Authorization: Token (hidden)" https://a'],
    ['{"Authorization":"Token abc","x":1}', '{"Authorization":"Token (hidden)","x":1}'],
    ['Authorization: Negotiate YIIZ\nnext: 1', 'Authorization: Negotiate (hidden)\nnext: 1'],
    ['Authorization: Digest username="jane", response="66"', 'Authorization: Digest (hidden)'],
    ['Authorization: HMAC Credential=a/b, Signature=fe5', 'Authorization: HMAC (hidden)'],
    ['{"user":"jane","password":"hun\\"ter2","x":1}', '{"user":"jane","password":"(hidden)","x":1}'],
    ['{\\"password\\":\\"hunter2\\",\\"x\\":1}', '{\\"password\\":\\"(hidden)\\",\\"x\\":1}'],
    ['Server=a;Password="hunter 2";X=1', 'Server=a;Password="(hidden)";X=1'],
    [`key: ghp_${'a1'.repeat(18)}`, 'key: (hidden)'],
    [`before\n${PEM}\nafter`, 'before\n(hidden)\nafter'],
    [Buffer.from(PEM).toString('base64'), '(hidden)'],
    ['{"auths":{"quay.io":{"auth":"amFuZTpodW50ZXIy"}}}', '{"auths":{"quay.io":{"auth":"(hidden)"}}}'],
  ])('%s is read as %s', (text, shown) => {
    expect(content(text)).toBe(shown);
    expect(sentence(text)).toBe(shown);
  });

  it.each([
    ['password: correct horse # battery', 'password: (hidden)'],
    ['a: 1\npassword: hunter2\nb: 2\n', 'a: 1\npassword: (hidden)\nb: 2\n'],
    ['db.password = hunter2 with blanks\nx=1', 'db.password = (hidden)\nx=1'],
    ['export TOKEN=abc\nrun', 'export TOKEN=(hidden)\nrun'],
    ['password: |\n  one\n\n  two\nnext: 1\n', 'password: |\n  (hidden)\nnext: 1\n'],
    ['password:\n  hunter2\nnext: 1', 'password:\n  (hidden)\nnext: 1'],
    ['tokens:\n  - one\n  - two\nnext: 1', 'tokens:\n  (hidden)\nnext: 1'],
    [
      '- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b',
      '- name: DB_PASSWORD\n  value: (hidden)\n- name: A\n  value: b',
    ],
    ['<user>jane</user><password>hunter2</password>', '<user>jane</user><password>(hidden)</password>'],
    ['token: abc\r\nb: c\r\n', 'token: (hidden)\r\nb: c\r\n'],
  ])('of a field, %j is read as %j', (text, shown) => {
    expect(content(text)).toBe(shown);
  });

  it.each([
    'It needs v1/Secret/weka/token, which is refused',
    'metadata.annotations.token: Invalid value',
    'spec.volumes[0].secret.secretName: Required value',
    'MountVolume.SetUp failed for volume "token" : secret "token" not found',
    'Secret "token": not found; key password is missing',
    'https://example.com:8443/a/b@c?x=1',
    'ssh://git@example.com/a.git',
    'git@example.com:a/b.git',
    'image: quay.io/weka.io/weka-in-container:4.4.2',
    'sha256:0123456789abcdef',
    'basic authentication is off',
    'request header authorization: Invalid value',
    'docker run -u 1000:1000 x',
    'secretName: token\ntokenExpirationSeconds: 3600\n',
    'secretKeyRef:\n  name: db\n  key: password\n',
    'password: ""\ntoken: ${TOKEN}\nsecret: $(SECRET)\npassword: {{ .Values.password }}\n',
    'imagePullSecrets:\n  - name: registry\n',
    'automountServiceAccountToken: false',
    '--token-file=/run/token --secret-name=a',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n',
    'spec.containers[0].env[name=DB_PASSWORD].value (set by hand: kubectl edit)',
  ])('%j stays as it is', (text) => {
    expect(sentence(text)).toBe(text);
    if (!text.includes('Invalid value') && !text.includes('" :') && !text.includes('":'))
      expect(content(text)).toBe(text);
  });

  it('what is hidden already stays hidden as it was', () => {
    const mark = keyedMark(Buffer.from('key'));
    for (const text of [
      'password: hunter2',
      'https://a:hunter2@b',
      '--token=x1',
      'p: 1\ntoken: |\n  a\n  b\n',
      'Authorization: Token abc',
      'curl -H "Authorization: ApiKey abc" https://a',
    ]) {
      const once = hideInText(text, mark, 'content');
      expect(once).toMatch(/\(hidden #[0-9a-f]{8}\)/);
      expect(hideInText(once, mark, 'content')).toBe(once);
      expect(hideInText(once, plainMark, 'sentence')).toBe(once);
    }
  });

  it('a secret of any form is found wherever it stands', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9!%*+.^_~@/-]{1,20}$/).map((text) => `S3cr3t${text}S3cr3t`);
    const name = fc.constantFrom(
      'password',
      'DB_PASSWORD',
      'api_key',
      'clientSecret',
      'auth-token',
      'PRIVATE_KEY',
    );
    const around = fc.stringMatching(/^[a-z0-9 .:=\n"-]{0,30}$/);
    const form = fc.constantFrom(
      (key: string, value: string) => `${key}: ${value}`,
      (key: string, value: string) => `${key}=${value}`,
      (key: string, value: string) => `--${key}=${value}`,
      (key: string, value: string) => `--${key} ${value}`,
      (key: string, value: string) => `"${key}": ${JSON.stringify(value)}`,
      (_key: string, value: string) => `https://jane:${value}@example.com/x`,
      (_key: string, value: string) => `postgres://app:${value}@db`,
      (_key: string, value: string) => `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----`,
      (key: string, value: string) => `${key}: |\n    ${value}\n    ${value}`,
      (key: string, value: string) => `- name: ${key}\n  value: ${value}`,
    );
    fc.assert(
      fc.property(around, name, word, form, around, (before, key, value, write, after) => {
        const text = `${before}\n${write(key, value)}\n${after}`;
        expect(content(text)).not.toContain('S3cr3t');
      }),
      { numRuns: 1000 },
    );
  });

  it('a megabyte of anything is looked through in no time', () => {
    const started = process.cpuUsage();
    for (const part of [
      'a',
      'a=',
      'token=',
      'https://',
      '-----BEGIN PRIVATE KEY-----',
      'eyJ-',
      '--a ',
      'name: a\n',
      '"',
      '<a>',
      'password: |\n  ',
      ' ',
      'password:\n ',
      '\\',
    ]) {
      content(`${part.repeat(Math.ceil(1_000_000 / part.length))} token`);
    }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});
