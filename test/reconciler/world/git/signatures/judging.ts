import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explain } from '../../../../../reconciler/errors.ts';
import { DEFAULT_LIMITS } from '../../../../../reconciler/world/git/limits.ts';
import { localObjects } from '../../../../../reconciler/world/git/local/local-objects.ts';
import type { Oid } from '../../../../../reconciler/world/git/objects/git-object.ts';
import {
  openCommitVerifier,
  signatureProblem,
} from '../../../../../reconciler/world/git/signatures/commit-verifier.ts';
import { runGit } from '../../../../support/git-command.ts';
import { commitIn, type SignedCommitOptions } from '../../../../support/signing-keys.ts';

/** A working tree, and what is thought of its commits. */
export interface Judging {
  readonly folder: string;
  commit(options: SignedCommitOptions): Promise<string>;
  /** Stores bytes as a commit, whatever they are. */
  store(content: Buffer): Promise<string>;
  content(commit: string): Promise<Buffer>;
  /** `accepted NAME FINGERPRINT`, or why not. */
  judge(commit: string, keys: JudgingKeys): Promise<string>;
  /** What `git verify-commit` thinks of it with this file of allowed signers. */
  gitAccepts(commit: string, signers: readonly string[]): Promise<boolean>;
}

export interface JudgingKeys {
  /** Lines of the file of allowed signers. */
  readonly signers?: readonly string[];
  /** Armored public keys. */
  readonly pgp?: string;
  readonly now?: Date;
}

export async function judging(parent: string): Promise<Judging> {
  const folder = join(parent, randomBytes(4).toString('hex'));
  await mkdir(folder);
  await runGit(folder, ['init', '--quiet', '--initial-branch=main', '--template=', '.']);
  const objects = () => localObjects(join(folder, '.git'), DEFAULT_LIMITS);
  return {
    folder,
    commit: (options) => commitIn(folder, { 'a.yaml': `a: ${randomBytes(4).toString('hex')}\n` }, options),
    store: (content) =>
      runGit(folder, ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], { input: content }),
    content: async (commit) => Buffer.from((await objects().object(commit as Oid))?.content ?? []),
    async gitAccepts(commit, signers) {
      const file = join(parent, randomBytes(4).toString('hex'));
      await writeFile(file, `${signers.join('\n')}\n`);
      const settings = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${file}`];
      return await runGit(folder, [...settings, 'verify-commit', commit]).then(
        () => true,
        () => false,
      );
    },
    async judge(commit, { signers, pgp, now }) {
      const name = join(parent, randomBytes(4).toString('hex'));
      if (signers !== undefined) await writeFile(`${name}.signers`, `${signers.join('\n')}\n`);
      if (pgp !== undefined) await writeFile(`${name}.asc`, pgp);
      const verifier = openCommitVerifier(
        {
          ...(signers === undefined ? {} : { allowedSignersFile: `${name}.signers` }),
          ...(pgp === undefined ? {} : { pgpKeysFile: `${name}.asc` }),
        },
        ...(now === undefined ? [] : [() => now]),
      );
      const judged = await verifier.judge(objects(), commit as Oid);
      const problem = signatureProblem(judged);
      if (problem !== undefined) return explain(problem).replaceAll(commit, 'COMMIT');
      if (!judged.verdict.accepted) throw new Error('It is neither accepted nor a problem.');
      return `accepted ${judged.verdict.signer.name} ${judged.verdict.signer.fingerprint}`;
    },
  };
}

/** The same commit with its bytes changed. */
export async function tampered(
  judging: Judging,
  commit: string,
  change: (text: string) => string,
): Promise<string> {
  const text = (await judging.content(commit)).toString('latin1');
  const changed = change(text);
  if (changed === text) throw new Error('The change changes nothing.');
  return judging.store(Buffer.from(changed, 'latin1'));
}
