import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';
import { openSealed } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { ageKey, seal, withText } from './sealing.ts';

const VALUE = 'hunter2-hunter2';
const SECRET = [
  'apiVersion: v1',
  'kind: Secret',
  'metadata:',
  '  name: login',
  '  namespace: weka',
  'stringData:',
  '  username: admin',
  '  password: cleartext',
  '',
].join('\n');

const withoutKey = async () => ({ age: [] });

async function checked(text: string, args: readonly string[] = ['--encrypted-regex', '^(data|stringData)$']) {
  const key = await ageKey();
  const sealed = await seal(SECRET, { age: [key], args });
  const file = text === '' ? sealed : withText(sealed, (all) => all.replace(/^ +password: .*$/m, text));
  return openSealed([file], withoutKey, { withoutKey: 'warning' });
}

function words(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ level, rule, line, message }) => `${line} ${level} ${rule}: ${message}`);
}

describe('a plain value in an encrypted file', () => {
  it('is an error for whoever has no key, too', async () => {
    const { findings, files } = await checked(`    password: ${VALUE}`);
    expect(words(findings)).toEqual([
      '1 warning not-decrypted: The file is encrypted, and no key is configured to decrypt it.',
      '8 error plain-leftover: The value of stringData.password stands in plain in an encrypted file.',
    ]);
    expect(files[0]?.unopened).toBe(true);
    expect(JSON.stringify(findings)).not.toContain(VALUE);
  });

  it('is shown up to its key', async () => {
    const { findings } = await checked(`    password: ${VALUE}`);
    expect(findings.map(({ excerpt }) => excerpt)).toEqual([
      'apiVersion: …\n^',
      '    password: …\n              ^',
    ]);
  });

  it('is none where the file’s own rule leaves it open, or where nothing stands there', async () => {
    const open = await checked('', ['--unencrypted-regex', '^(apiVersion|kind|metadata)$']);
    expect(words(open.findings)).toHaveLength(1);
    const empty = await checked('    password: ""');
    expect(words(empty.findings)).toHaveLength(1);
    const whole = await checked('', []);
    expect(words(whole.findings)).toHaveLength(1);
  });

  it('is found beside a block that somebody wrote by hand', async () => {
    const block = [
      'sops:',
      '  age: [{ recipient: age1abc, enc: x }]',
      '  lastmodified: "2027-01-01T00:00:00Z"',
      '  mac: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]',
      '  version: 3.9.0',
      '',
    ].join('\n');
    const content = Buffer.from(SECRET.replace('cleartext', VALUE) + block);
    const { findings } = await openSealed([{ path: 'a.yaml', content }], withoutKey, {
      withoutKey: 'warning',
    });
    expect(words(findings).slice(1)).toEqual([
      '7 error plain-leftover: The value of stringData.username stands in plain in an encrypted file.',
      '8 error plain-leftover: The value of stringData.password stands in plain in an encrypted file.',
    ]);
  });

  it('is found with a key that does not fit, too', async () => {
    const key = await ageKey();
    const other = await ageKey();
    const sealed = await seal(SECRET, { age: [key], args: ['--encrypted-regex', '^stringData$'] });
    const file = withText(sealed, (all) => all.replace(/^ +password: .*$/m, `    password: ${VALUE}`));
    const { findings } = await openSealed([file], async () => ({ age: [other.identity] }));
    expect(findings.map(({ rule }) => rule)).toEqual(['not-decrypted', 'plain-leftover']);
  });
});
