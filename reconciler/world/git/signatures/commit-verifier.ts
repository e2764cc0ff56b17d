import type { Key } from 'openpgp';
import { prose } from '../../../core/report/plain.ts';
import type { CommitSha } from '../../../ports.ts';
import { hashOf, ObjectError, ObjectKindError, type Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { type AllowedSigner, parseAllowedSigners } from './allowed-signers.ts';
import { SignatureError, unusableKeys } from './errors.ts';
import { CachedKeys } from './cached-keys.ts';
import { judgePgp, parsePgpKeys, PGP_BEGIN } from './pgp-signature.ts';
import { CommitFormatError, parseSignedCommit, type SignedCommit } from './signed-commit.ts';
import { SSH_BEGIN } from './ssh-signature.ts';
import { judgeSsh } from './ssh-verdict.ts';
import { bad, refused, type Refusal, unknownSigner, type Verdict } from './verdict.ts';

/** Where the keys are that commits may be signed with. */
export interface VerifyFiles {
  readonly allowedSignersFile?: string | undefined;
  readonly pgpKeysFile?: string | undefined;
}

/** Tells whether a commit was signed by a key that may. Its files are read again whenever a commit is looked at. */
export interface CommitVerifier {
  /** Throws a SignatureError only where the keys themselves cannot be read. */
  judge(objects: GitObjects, commit: Oid): Promise<JudgedCommit>;
  /** Throws a SignatureError where it is not accepted, as does what it gives once it would not be any more. */
  accept(objects: GitObjects, commit: Oid): Promise<() => Promise<void>>;
}

/** A commit, and what became of looking at its signature. */
export interface JudgedCommit {
  readonly commit: CommitSha;
  /** Printable; empty where the commit cannot be read. */
  readonly author: string;
  readonly verdict: Verdict;
}

const MOST_NAME = 200;
/** How long a verdict holds that was given by the same keys: they expire. */
const HOLDS_MS = 60_000;
const HOW_TO_SIGN =
  'Sign it with an allowed key: git commit --amend --no-edit -S. A merge made on the forge is signed by the forge’s key, or not at all.';

/** Throws where `files` names none: that nobody may sign is no configuration. */
export function openCommitVerifier(files: VerifyFiles, now: () => Date = () => new Date()): CommitVerifier {
  const { allowedSignersFile, pgpKeysFile } = files;
  if (allowedSignersFile === undefined && pgpKeysFile === undefined) {
    throw unusableKeys('repository.verify names no keys, so that no commit would be accepted.', {
      hint: 'Set repository.verify.allowedSignersFile or pgpKeysFile, or leave out repository.verify.',
    });
  }
  const ssh =
    allowedSignersFile === undefined ? undefined : new CachedKeys(allowedSignersFile, parseAllowedSigners);
  const pgp = pgpKeysFile === undefined ? undefined : new CachedKeys(pgpKeysFile, parsePgpKeys);
  const judge = async (content: Buffer, oid: Oid): Promise<JudgedCommit> => {
    const commit = oid as string as CommitSha;
    try {
      const signed = parseSignedCommit(content);
      return {
        commit,
        author: prose(signed.author, MOST_NAME),
        verdict: await judgeSigned(signed, { ssh, pgp }, now()),
      };
    } catch (error) {
      if (!(error instanceof CommitFormatError)) throw error;
      return { commit, author: '', verdict: bad(`cannot be verified: ${error.message}`) };
    }
  };
  return {
    judge: async (objects, oid) => judge(await commitContent(objects, oid), oid),
    async accept(objects, oid) {
      const content = await commitContent(objects, oid);
      let accepted: { readonly keys: unknown; readonly at: number } | undefined;
      const again = async () => {
        const keys = await keysFor(content, { ssh, pgp })?.read();
        const at = now().getTime();
        const isFresh = accepted !== undefined && Math.abs(at - accepted.at) < HOLDS_MS;
        if (isFresh && accepted?.keys === keys) return;
        const judged = await judge(content, oid);
        if (!judged.verdict.accepted) throw signatureError(judged, judged.verdict);
        accepted = { keys, at };
      };
      await again();
      return again;
    },
  };
}

/** What to say where a commit would not be accepted; undefined where it would. */
export function signatureProblem(judged: JudgedCommit): SignatureError | undefined {
  return judged.verdict.accepted ? undefined : signatureError(judged, judged.verdict);
}

/** Why a commit would not be applied, be it that the keys cannot be read; nothing where any commit would. */
export async function whyUnaccepted(
  verifier: CommitVerifier | undefined,
  objects: GitObjects,
  commit: Oid,
): Promise<SignatureError | undefined> {
  try {
    return verifier && signatureProblem(await verifier.judge(objects, commit));
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
}

function signatureError({ commit, author }: JudgedCommit, { code, found, hint }: Refusal): SignatureError {
  const by = author === '' ? '' : ` by ${author}`;
  return new SignatureError(code, `Commit ${commit}${by} ${found}.`, { hint });
}

/** A file is read where a signature of its kind is found: what reads PGP takes memory and time to load. */
interface Keys {
  readonly ssh: CachedKeys<readonly AllowedSigner[]> | undefined;
  readonly pgp: CachedKeys<readonly Key[]> | undefined;
}

/** The file of keys that a commit is held against; undefined where there is none, or it is no commit of git's. */
function keysFor(content: Buffer, { ssh, pgp }: Keys): CachedKeys<unknown> | undefined {
  try {
    switch (armorOf(parseSignedCommit(content))) {
      case SSH_BEGIN:
        return ssh;
      case PGP_BEGIN:
        return pgp;
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof CommitFormatError) return undefined;
    throw error;
  }
}

function armorOf({ signature }: SignedCommit): string | undefined {
  return signature?.split('\n', 1)[0];
}

async function judgeSigned(commit: SignedCommit, { ssh, pgp }: Keys, now: Date): Promise<Verdict> {
  switch (armorOf(commit)) {
    case undefined:
      return refused('COMMIT_UNSIGNED', 'is not signed', HOW_TO_SIGN);
    case SSH_BEGIN:
      return ssh === undefined
        ? unexpected('an SSH key', 'allowedSignersFile')
        : judgeSsh(commit, await ssh.read());
    case PGP_BEGIN:
      return pgp === undefined
        ? unexpected('a PGP key', 'pgpKeysFile')
        : await judgePgp(commit, await pgp.read(), now);
    case '-----BEGIN SIGNED MESSAGE-----':
      return unknownSigner(
        'is signed with an X.509 certificate, which is not supported',
        'Sign it with an SSH or PGP key that is allowed.',
      );
    default:
      return bad('carries a signature of a kind that is not known');
  }
}

function unexpected(what: string, file: string): Verdict {
  return unknownSigner(
    `is signed with ${what}, and none is configured`,
    `Sign it with a key of the kind that is, or set repository.verify.${file}.`,
  );
}

/** The bytes of a commit, which have to be those that its name stands for. */
async function commitContent(objects: GitObjects, oid: Oid): Promise<Buffer> {
  const found = await objects.object(oid);
  if (found === undefined) throw new ObjectError(`Object ${oid} is missing.`);
  const { type, content } = found;
  if (type !== 'commit') throw new ObjectKindError(oid, type, 'commit');
  const bytes = Buffer.from(content);
  const hash = hashOf('commit', bytes.length).update(bytes).digest('hex');
  if (hash !== (oid as string)) throw new ObjectError(`Object ${oid} is another one than its name says.`);
  return bytes;
}
