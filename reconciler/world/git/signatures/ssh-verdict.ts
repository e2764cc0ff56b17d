import { prose } from '../../../core/report/plain.ts';
import { type AllowedSigner, hasPrincipal } from './allowed-signers.ts';
import { isInPatternList } from './pattern-list.ts';
import { fingerprintOf } from './ssh-public-key.ts';
import { isSignatureOf, parseSshSignature, type SshSignature } from './ssh-signature.ts';
import { SshFormatError, SshReader } from './ssh-wire.ts';
import type { SignedCommit } from './signed-commit.ts';
import { accepted, bad, unknownSigner, type Verdict } from './verdict.ts';

/** What git has signatures made for. */
export const NAMESPACE = 'git';
const MOST_NAME = 200;

/** Whether one of `signers` signed the commit, and may: as `git verify-commit` finds out. */
export function judgeSsh(
  { payload, signature: armored = '', committedAt }: SignedCommit,
  signers: readonly AllowedSigner[],
): Verdict {
  try {
    const signature = parseSshSignature(armored);
    const { namespace, publicKey } = signature;
    const fingerprint = fingerprintOf(publicKey);
    if (namespace !== NAMESPACE) {
      return bad(
        `carries an SSH signature that was made for ${JSON.stringify(prose(namespace, MOST_NAME))}, and not for git`,
      );
    }
    const lines = signers.filter(({ key }) => key.blob.equals(publicKey));
    const [line] = lines;
    if (line === undefined) return stranger(publicKey, fingerprint);
    if (!holds(signature, payload, line)) {
      return bad(`carries a signature of the SSH key ${fingerprint} that was not made of this commit`);
    }
    const fitting = lines.find((each) => whyNot(each, committedAt) === undefined);
    if (fitting !== undefined) return accepted({ name: prose(fitting.principals, MOST_NAME), fingerprint });
    const why = whyNot(line, committedAt);
    return unknownSigner(
      `is signed by the SSH key ${fingerprint} of ${prose(line.principals, MOST_NAME)}, ${why}`,
      'Sign the commit with a key that may sign now, or change its line in repository.verify.allowedSignersFile.',
    );
  } catch (error) {
    if (!(error instanceof SshFormatError)) throw error;
    return bad(`carries an SSH signature that cannot be read: ${error.message}`);
  }
}

/** What the library throws of numbers that no key could have made counts as a signature that does not hold. */
function holds(signature: SshSignature, payload: Buffer, { key }: AllowedSigner): boolean {
  try {
    return isSignatureOf(signature, payload, key);
  } catch (error) {
    if (error instanceof SshFormatError) throw error;
    return false;
  }
}

/**
 * Why the signer of a line may not sign this, to go on “the key of Ada, …”. As in git, the time that counts is the one that
 * the commit says: a key that has run out goes on proving what it signed before. Whoever has it can date a commit back,
 * so a stolen key is shut out by removing its line.
 */
function whyNot(line: AllowedSigner, committedAt: number): string | undefined {
  const { namespaces, validAfter = -Infinity, validBefore = Infinity } = line;
  if (!hasPrincipal(line)) return 'whose line allows nobody';
  if (namespaces !== undefined && !isInPatternList(NAMESPACE, namespaces))
    return 'which may not sign for git';
  if (committedAt < validAfter) return `which may sign only from ${timeOf(validAfter)} on`;
  if (committedAt > validBefore) return `which may sign only until ${timeOf(validBefore)}`;
  return undefined;
}

function stranger(publicKey: Buffer, fingerprint: string): Verdict {
  if (new SshReader(publicKey).name().includes('-cert-')) {
    return unknownSigner(
      'is signed with an SSH certificate, which is not supported',
      'Sign the commit with the key itself, and name that in repository.verify.allowedSignersFile.',
    );
  }
  return unknownSigner(
    `is signed, as it says, by the SSH key ${fingerprint}, which is none of the allowed signers`,
    'Add that key to repository.verify.allowedSignersFile if it may sign, or sign the commit with one that may.',
  );
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
