import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllowedSigners } from '../../../../../reconciler/world/git/signatures/allowed-signers.ts';
import { parseSshPublicKey } from '../../../../../reconciler/world/git/signatures/ssh-public-key.ts';
import {
  armorSshSignature,
  isSignatureOf,
  parseSshSignature,
  signedData,
} from '../../../../../reconciler/world/git/signatures/ssh-signature.ts';
import { judgeSsh } from '../../../../../reconciler/world/git/signatures/ssh-verdict.ts';
import {
  SshFormatError,
  sshNumber,
  SshReader,
  sshString,
} from '../../../../../reconciler/world/git/signatures/ssh-wire.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { sshKeyPair, type SshKeyPair } from '../../../../support/signing-keys.ts';

const run = promisify(execFile);
const folder = await scratchFolder(afterAll);
const TEXT = Buffer.from('what is signed\n');

let signings = 0;

/** What the real ssh-keygen signs. */
async function sshSign({ file }: SshKeyPair, namespace: string, hash = 'sha512'): Promise<string> {
  // It asks before it overwrites a signature.
  const path = `${file}-${signings++}.txt`;
  await writeFile(path, TEXT);
  await run('ssh-keygen', ['-q', '-Y', 'sign', '-f', file, '-n', namespace, '-O', `hashalg=${hash}`, path]);
  return readFile(`${path}.sig`, 'utf8');
}

/** Whether the real ssh-keygen takes it for a signature by one of these. */
async function sshAccepts(line: string, armored: string): Promise<boolean> {
  const [signers, signature] = [join(folder, 'signers'), join(folder, 'signature')];
  await writeFile(signers, `${line}\n`);
  await writeFile(signature, armored);
  const args = ['-Y', 'verify', '-f', signers, '-I', 'ada', '-n', 'git', '-s', signature];
  const child = run('ssh-keygen', args);
  child.child.stdin?.end(TEXT);
  return child.then(
    () => true,
    () => false,
  );
}

function judge(line: string, armored: string): string {
  const commit = { author: 'Ada', committedAt: 1_790_000_000, payload: TEXT, signature: armored };
  const verdict = judgeSsh(commit, parseAllowedSigners(line, 'signers'));
  return verdict.accepted ? 'accepted' : `${verdict.code}: ${verdict.found}`;
}

const ada = await sshKeyPair(folder);
const rsa = await sshKeyPair(folder, { type: 'rsa', bits: 2048 });
const ecdsa = await sshKeyPair(folder, { type: 'ecdsa', bits: 256 });

describe('a signature of ssh-keygen', () => {
  it.each(['sha256', 'sha512'])('with the hash %s is accepted', async (hash) => {
    expect(judge(`ada ${ada.publicKey}`, await sshSign(ada, 'git', hash))).toBe('accepted');
  });

  it('that was made for something else than git is refused', async () => {
    const armored = await sshSign(ada, 'file');
    expect(judge(`ada ${ada.publicKey}`, armored)).toBe(
      'COMMIT_SIGNATURE_BAD: carries an SSH signature that was made for "file", and not for git',
    );
    expect(await sshAccepts(`ada ${ada.publicKey}`, armored)).toBe(false);
  });

  it('with a certificate is refused, though its authority is at hand', async () => {
    const [authority, key] = [await sshKeyPair(folder), await sshKeyPair(folder)];
    await run('ssh-keygen', ['-q', '-s', authority.file, '-I', 'ada', '-n', 'ada', `${key.file}.pub`]);
    const armored = await sshSign({ ...key, file: `${key.file}-cert.pub` }, 'git');
    expect(await sshAccepts(`ada cert-authority ${authority.publicKey}`, armored)).toBe(true);
    expect(judge(`ada ${key.publicKey}`, armored)).toBe(
      'COMMIT_SIGNER_UNKNOWN: is signed with an SSH certificate, which is not supported',
    );
  });

  it('is armored by us as it was', async () => {
    for (const key of [ada, rsa, ecdsa]) {
      const armored = await sshSign(key, 'git');
      expect(armorSshSignature(parseSshSignature(armored))).toBe(armored);
    }
  });

  it('cut short anywhere is refused', async () => {
    const armored = await sshSign(ada, 'git');
    for (let length = 0; length < armored.length - 1; length++) {
      expect([length, judge(`ada ${ada.publicKey}`, armored.slice(0, length))]).toEqual([
        length,
        expect.stringMatching(/^COMMIT_SIGNATURE_BAD: carries an SSH signature that cannot be read: /),
      ]);
    }
  });

  it.each([ada, rsa, ecdsa])('with any bit of it turned is never accepted: $publicKey', async (key) => {
    const bytes = bytesOf(await sshSign(key, 'git'));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, judge(`ada ${key.publicKey}`, armorOf(turned))]).not.toEqual([bit, 'accepted']);
    }
  });

  it('with something after its end is refused', async () => {
    const bytes = bytesOf(await sshSign(ada, 'git'));
    expect(judge(`ada ${ada.publicKey}`, armorOf(Buffer.concat([bytes, Buffer.alloc(1)])))).toContain(
      'something follows its end',
    );
    for (const noise of ['x', '\n', ' ', '-----BEGIN SSH SIGNATURE-----\n']) {
      expect(judge(`ada ${ada.publicKey}`, `${armorOf(bytes)}${noise}`)).toMatch(/^COMMIT_SIGNATURE_BAD/);
      expect(judge(`ada ${ada.publicKey}`, `${noise}${armorOf(bytes)}`)).toMatch(/^COMMIT_SIGNATURE_BAD/);
    }
  });
});

describe('a signature with a weak or unknown algorithm is refused', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = key.publicKey.export({ format: 'jwk' });
  const numbers = [e, n].map((each) => sshNumber(Buffer.from(each, 'base64url')));
  const blob = Buffer.concat([sshString('ssh-rsa'), ...numbers]);
  const line = `ada ssh-rsa ${blob.toString('base64')}`;
  const signedBy = (algorithm: string, digest: string) => {
    const value = sign(digest, signedData(TEXT, 'git', 'sha512'), key.privateKey);
    const signature = Buffer.concat([sshString(algorithm), sshString(value)]);
    return armorSshSignature({ publicKey: blob, namespace: 'git', hash: 'sha512', signature });
  };

  it('of an RSA key with SHA-1', async () => {
    expect(judge(line, signedBy('rsa-sha2-512', 'sha512'))).toBe('accepted');
    expect(judge(line, signedBy('rsa-sha2-256', 'sha256'))).toBe('accepted');
    expect(await sshAccepts(line, signedBy('rsa-sha2-512', 'sha512'))).toBe(true);
    const weak = signedBy('ssh-rsa', 'sha1');
    expect(judge(line, weak)).toContain(
      'it is made by ssh-rsa, which is not accepted of a key of type ssh-rsa',
    );
    expect(await sshAccepts(line, weak)).toBe(false);
  });

  it('of an RSA key that says another algorithm than it used', () => {
    expect(judge(line, signedBy('rsa-sha2-512', 'sha256'))).toContain('that was not made of this commit');
    expect(judge(line, signedBy('ssh-ed25519', 'sha512'))).toContain('it is made by ssh-ed25519');
  });

  it('of text that was hashed otherwise', async () => {
    const parsed = parseSshSignature(await sshSign(ada, 'git'));
    const other = Buffer.from(parsed.publicKey);
    const bytes = Buffer.concat([
      Buffer.from('SSHSIG\0\0\0\x01', 'latin1'),
      ...[other, 'git', '', 'sha1', parsed.signature].map(sshString),
    ]);
    expect(judge(`ada ${ada.publicKey}`, armorOf(bytes))).toContain('it is made with the hash sha1');
  });
});

describe('a security token signs', () => {
  const APPLICATION = 'ssh:';
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

  /** What a token would make, as PROTOCOL.u2f of OpenSSH says. */
  function tokenSigned(type: string, key: Buffer[], flags: number, make: (data: Buffer) => Buffer) {
    const blob = Buffer.concat([sshString(type), ...key, sshString(APPLICATION)]);
    const said = Buffer.from([flags, 0, 0, 0, 7]);
    const data = Buffer.concat([sha256(APPLICATION), said, sha256(signedData(TEXT, 'git', 'sha512'))]);
    const signature = Buffer.concat([sshString(type), sshString(make(data)), said]);
    return {
      line: `ada ${type} ${blob.toString('base64')}`,
      armored: armorSshSignature({ publicKey: blob, namespace: 'git', hash: 'sha512', signature }),
    };
  }

  function ed25519(): [Buffer[], KeyObject] {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    return [[sshString(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))], privateKey];
  }

  function p256(): [Buffer[], KeyObject] {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    return [[sshString('nistp256'), sshString(point)], privateKey];
  }

  it('with Ed25519, as ssh-keygen would accept it', async () => {
    const [key, own] = ed25519();
    const { line, armored } = tokenSigned('sk-ssh-ed25519@openssh.com', key, 1, (data) =>
      sign(null, data, own),
    );
    expect(await sshAccepts(line, armored)).toBe(true);
    expect(judge(line, armored)).toBe('accepted');
    const touched = bytesOf(armored);
    touched[touched.length - 1]! ^= 1;
    expect(judge(line, armorOf(touched))).toContain('that was not made of this commit');
  });

  it('with ECDSA, as ssh-keygen would accept it', async () => {
    const [key, own] = p256();
    const { line, armored } = tokenSigned('sk-ecdsa-sha2-nistp256@openssh.com', key, 1, (data) => {
      const both = sign('sha256', data, { key: own, dsaEncoding: 'ieee-p1363' });
      return Buffer.concat([sshNumber(both.subarray(0, 32)), sshNumber(both.subarray(32))]);
    });
    expect(await sshAccepts(line, armored)).toBe(true);
    expect(judge(line, armored)).toBe('accepted');
  });
});

describe('any bytes', () => {
  const line = `ada ${ada.publicKey}`;

  it('are refused as a signature, and nothing else is thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array().map((bytes) => armorOf(Buffer.from(bytes))),
        ),
        (text) => {
          expect(judge(line, text)).toMatch(/^COMMIT_/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('within a signature are refused, and nothing else is thrown', async () => {
    for (const key of [ada, rsa, ecdsa]) {
      const good = bytesOf(await sshSign(key, 'git'));
      const signers = parseAllowedSigners(`ada ${key.publicKey}`, 'signers');
      const edit = fc.tuple(fc.nat(good.length), fc.nat(8), fc.uint8Array({ maxLength: 8 }));
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
          let bytes = good;
          for (const [at, cut, put] of edits) {
            bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
          }
          fc.pre(!bytes.equals(good));
          const commit = { author: '', committedAt: 0, payload: TEXT, signature: armorOf(bytes) };
          expect(judgeSsh(commit, signers).accepted).toBe(false);
        }),
        { numRuns: 1000 },
      );
    }
  });

  it('are a public key or an SshFormatError', () => {
    const types = fc.constantFrom(
      'ssh-ed25519',
      'ssh-rsa',
      'ecdsa-sha2-nistp256',
      'sk-ssh-ed25519@openssh.com',
    );
    const parts = fc.array(fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.constant(Buffer.from('nistp256'))));
    fc.assert(
      fc.property(types, parts, (type, rest) => {
        const blob = Buffer.concat([sshString(type), ...rest.map((each) => sshString(each))]);
        const signature = Buffer.concat([sshString(type), sshString(Buffer.alloc(64))]);
        try {
          expect(parseSshPublicKey(blob).verify(TEXT, signature)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are read as a number only where it is written as short as can be', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const written = sshNumber(bytes);
        const nothing = bytes.every((byte) => byte === 0);
        const read = () => new SshReader(written).positive(70);
        if (nothing) expect(read).toThrow(SshFormatError);
        else expect(sshNumber(read())).toEqual(written);
      }),
    );
    for (const wrong of [[0, 1], [0, 0, 0x80], [0x80], []]) {
      expect(() => new SshReader(sshString(Buffer.from(wrong))).positive(8)).toThrow(SshFormatError);
    }
  });
});

it('a signature counts for its own text only', async () => {
  const signature = parseSshSignature(await sshSign(ada, 'git'));
  const key = parseSshPublicKey(signature.publicKey);
  expect(isSignatureOf(signature, TEXT, key)).toBe(true);
  expect(isSignatureOf(signature, Buffer.from('another text\n'), key)).toBe(false);
});

function bytesOf(armoredText: string): Buffer {
  return Buffer.from(armoredText.split('\n').slice(1, -2).join(''), 'base64');
}

function armorOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}
