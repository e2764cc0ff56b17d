import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { generateKey, readKey } from 'openpgp';
import { onTestFinished } from 'vitest';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';

export interface AgeKey {
  readonly identity: string;
  readonly recipient: string;
}

export async function ageKey(): Promise<AgeKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export interface PgpKey {
  readonly armored: string;
  readonly fingerprint: string;
  readonly publicKey: Uint8Array;
}

export async function pgpKey(passphrase?: string): Promise<PgpKey> {
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name: 'Test', email: 'test@example.com' }],
    format: 'armored',
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const key = await readKey({ armoredKey: publicKey });
  return { armored: privateKey, fingerprint: key.getFingerprint().toUpperCase(), publicKey: key.write() };
}

export interface Sealing {
  /** Name of the file, which says whether it is YAML or JSON. */
  readonly name?: string;
  readonly age?: readonly AgeKey[];
  readonly pgp?: readonly PgpKey[];
  readonly args?: readonly string[];
  /** Text of a `.sops.yaml` in place of keys as arguments. */
  readonly config?: string;
}

/** What the real `sops` makes of a text. */
export async function seal(text: string, sealing: Sealing): Promise<SourceFile> {
  const { name = 'secret.yaml', age = [], pgp = [], args = [], config } = sealing;
  return inFolder(async (folder) => {
    const file = join(folder, name);
    await writeFile(file, text);
    const home = await gnupgHome(folder, pgp);
    if (config !== undefined) await writeFile(join(folder, '.sops.yaml'), config);
    const keys = [
      ...(age.length === 0 ? [] : ['--age', age.map(({ recipient }) => recipient).join(',')]),
      ...(pgp.length === 0 || config !== undefined
        ? []
        : ['--pgp', pgp.map(({ fingerprint }) => fingerprint).join(',')]),
    ];
    const { stdout } = await sops(['encrypt', ...keys, ...args, file], folder, { GNUPGHOME: home });
    return { path: name, content: Buffer.from(stdout) };
  });
}

/** What the real `sops` decrypts, or its refusal. */
export async function unseal(file: SourceFile, key: AgeKey): Promise<string> {
  return inFolder(async (folder) => {
    const path = join(folder, file.path);
    await writeFile(path, file.content);
    return (await sops(['decrypt', path], folder, { SOPS_AGE_KEY: key.identity })).stdout;
  });
}

async function sops(args: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
  const program = await sopsProgram();
  return promisify(execFile)(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    maxBuffer: 8 * 1024 * 1024,
  });
}

async function gnupgHome(folder: string, keys: readonly PgpKey[]): Promise<string> {
  const home = join(folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, 'pubring.gpg'), Buffer.concat(keys.map(({ publicKey }) => publicKey)));
  return home;
}

async function inFolder<Result>(task: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-sops-'));
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder that goes when the test has finished. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-keys-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function textOf({ content }: Pick<SourceFile, 'content'>): string {
  return Buffer.from(content).toString('utf8');
}

export function withText(file: SourceFile, change: (text: string) => string): SourceFile {
  const text = change(textOf(file));
  if (text === textOf(file)) throw new Error('The change changes nothing.');
  return { path: file.path, content: Buffer.from(text) };
}
