import type { RefusalCode } from './errors.ts';

/** Who signed a commit. */
interface Signer {
  /** The principals beside an SSH key, or the user of a PGP key; printable. */
  readonly name: string;
  /** Of the key: `SHA256:…` as ssh-keygen shows it, or 40 or more hexadecimal digits for PGP. */
  readonly fingerprint: string;
}

/** Why a commit is refused. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What was found, to go on “Commit 1234 by Ada Author …”, without a full stop. */
  readonly found: string;
  /** What to do. */
  readonly hint: string;
}

/** What became of looking at a commit's signature. */
export type Verdict =
  { readonly accepted: true; readonly signer: Signer } | ({ readonly accepted: false } & Refusal);

export function accepted(signer: Signer): Verdict {
  return { accepted: true, signer };
}

export function refused(code: RefusalCode, found: string, hint: string): Verdict {
  return { accepted: false, code, found, hint };
}

const SIGN_ANEW = 'Sign the commit anew: git commit --amend --no-edit -S.';

/** The signature does not prove anything. */
export function bad(found: string, hint: string = SIGN_ANEW): Verdict {
  return refused('COMMIT_SIGNATURE_BAD', found, hint);
}

/** The key is none of those that may sign. */
export function unknownSigner(found: string, hint: string): Verdict {
  return refused('COMMIT_SIGNER_UNKNOWN', found, hint);
}
