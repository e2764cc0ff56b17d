import type { Finding } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { decode } from '../../core/spec/text.ts';
import type { DecryptionKeys } from './data-key.ts';
import { KnownFiles } from './known-files.ts';
import { plainLeftovers, sealedAlone } from './leftovers.ts';
import { type OpenedText, openText, openTextSingly } from './open-text.ts';
import { sealedTree } from './sealed-tree.ts';

/** Gives the private keys, as they are now. It is called only where a file needs them. */
export type KeySource = () => Promise<DecryptionKeys>;

export interface OpenOptions {
  /** How much it matters that no key is configured: nothing may be applied then, but much may be checked. */
  readonly withoutKey?: 'error' | 'warning';
}

/** Files with what was encrypted in them in plain, in memory only. */
export interface Opened {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** Whether SOPS has encrypted values of a YAML or JSON file. */
export function isSops(file: SourceFile): boolean {
  if (!mentions(file, 'sops')) return false;
  const decoded = decode(file);
  return 'text' in decoded && sealedTree(decoded.text) !== undefined;
}

/**
 * Decrypts every SOPS file among `files`. Each decrypted value stands in the line of the encrypted one, and SOPS's own block
 * is blank, so that places stay true. A file that does not open, or is not as it was encrypted, stays closed.
 */
export async function openSealed(
  files: readonly SourceFile[],
  keys: KeySource,
  { withoutKey = 'error' }: OpenOptions = {},
): Promise<Opened> {
  const findings: Finding[] = [];
  const opened: SourceFile[] = [];
  const sealed: SourceFile[] = [];
  const known = new KnownFiles(keys);
  for (const file of files) {
    const result = await known.open(file, openFile);
    if (result === undefined) {
      const stray = sealedAlone(file);
      opened.push(stray.length === 0 ? file : closed(file));
      findings.push(...stray);
      continue;
    }
    sealed.push(result.file);
    opened.push(result.file);
    findings.push(...weighed(result, withoutKey));
  }
  known.keep();
  return { files: opened, findings: [...findings, ...plainLeftovers(files, sealed)] };
}

/** What speaks against a file's being as SOPS encrypted it; nothing for a file that SOPS has not seen. */
export async function verifyMac(
  file: SourceFile,
  keys: KeySource,
  { withoutKey = 'error' }: OpenOptions = {},
): Promise<readonly Finding[]> {
  const result = await openFile(file, keys);
  return result === undefined ? [] : weighed(result, withoutKey);
}

function weighed({ findings, because }: OpenedText, withoutKey: 'error' | 'warning'): readonly Finding[] {
  // What else is wrong with the file is told without a key, and is wrong for everybody.
  return findings.map((each) =>
    because === 'no-key' && each.rule === 'not-decrypted' ? { ...each, level: withoutKey } : each,
  );
}

/**
 * Decrypts what was built from SOPS files that `verifyMac` has passed. Building adds fields and moves documents, so there is no
 * MAC to check any more: each value is decrypted by its document's own block, and authenticated by the fields that lead to it.
 */
export async function openBuilt(file: SourceFile, keys: KeySource): Promise<Opened> {
  const decoded = mentions(file, 'sops') ? decode(file) : undefined;
  const tree = decoded !== undefined && 'text' in decoded ? sealedTree(decoded.text) : undefined;
  if (decoded === undefined || !('text' in decoded) || tree === undefined) {
    const stray = sealedAlone(file);
    return { files: [stray.length === 0 ? file : closed(file)], findings: stray };
  }
  const result = await openTextSingly(decoded.text, tree, keys);
  return { files: [sameOrigin(file, result.file)], findings: result.findings };
}

/** The file as it is, of which nothing may be applied. */
function closed({ path, content, origin }: SourceFile): SourceFile {
  return { path, content, unopened: true, ...(origin === undefined ? {} : { origin }) };
}

/** The name that git has for a content is that of the encrypted one, and is left out. */
function sameOrigin({ origin }: SourceFile, file: SourceFile): SourceFile {
  return origin === undefined ? file : { ...file, origin };
}

async function openFile(file: SourceFile, keys: KeySource): Promise<OpenedText | undefined> {
  if (!mentions(file, 'sops')) return undefined;
  const decoded = decode(file);
  if (!('text' in decoded)) return undefined;
  const tree = sealedTree(decoded.text);
  return tree === undefined ? undefined : openText(decoded.text, tree, keys);
}

function mentions({ content }: SourceFile, word: string): boolean {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(word);
}
