import type { Finding } from '../../core/spec/finding.ts';
import type { SealedValue, SourceFile } from '../../core/spec/source.ts';
import type { SourceText } from '../../core/spec/text.ts';
import { dataKey, type DecryptionKeys, type NoDataKey } from './data-key.ts';
import { judge } from './encryption-rule.ts';
import { macText } from './go-values.ts';
import { Mac } from './mac.ts';
import { readMetadata, type SealedMetadata } from './metadata.ts';
import { EDIT, SealedFindings } from './sealed-findings.ts';
import type { Block, Leaf, SealedTree } from './sealed-tree.ts';
import { looksSealed, type OpenedValue, openValue } from './sealed-value.ts';

/** A file after the attempt to open it. */
export interface OpenedText {
  readonly file: SourceFile;
  readonly findings: readonly Finding[];
  /** Why no data key was found, where none was. */
  readonly because?: NoDataKey['because'];
}

/** Values of one file that are told to be wrong. */
const MAX_TOLD = 20;

/** Opens a whole file: every value has to be authentic, and all of them together as the MAC says. */
export async function openText(
  text: SourceText,
  tree: SealedTree,
  keys: () => Promise<DecryptionKeys>,
): Promise<OpenedText> {
  const tell = new SealedFindings(text, tree);
  const closed = (...findings: readonly Finding[]) => stillClosed(text, tree, findings);
  // Everybody who reads it as YAML tells what is wrong.
  if (tree.broken) return closed();
  const { foreign } = tree;
  if (foreign !== undefined) {
    return closed(tell.at(foreign.offset, 'tampered', foreign.message, `SOPS writes no such thing. ${EDIT}`));
  }
  const metadata = readMetadata(tree.metadata);
  if (typeof metadata === 'string') return closed(tell.metadata(metadata));
  const key = await dataKey(metadata, await keys());
  if (!(key instanceof Uint8Array)) {
    return { ...closed(tell.noKey(key), ...wrongForm(tree, metadata, tell)), because: key.because };
  }

  const { opened, findings, mac } = openLeaves(tree, metadata, key, tell);
  if (findings.length > 0) return closed(...findings);
  const stored = openValue(metadata.mac, key, metadata.lastModified);
  if (typeof stored === 'string') {
    return closed(tell.metadata('Its mac or its lastmodified was changed.'));
  }
  if (stored.text !== mac.digest()) {
    const message =
      'Values of the file were changed, added or removed after it was encrypted: its MAC does not match.';
    return closed(tell.at(tree.blocks[0]?.start ?? 0, 'tampered', message, EDIT));
  }
  return { file: rewritten(text, tree.blocks, opened), findings: [] };
}

/** Opens what was built of such files: each document by its own block, each value on its own. */
export async function openTextSingly(
  text: SourceText,
  tree: SealedTree,
  keys: () => Promise<DecryptionKeys>,
): Promise<OpenedText> {
  const tell = new SealedFindings(text, tree);
  const closed = (...findings: readonly Finding[]) => stillClosed(text, tree, findings);
  if (tree.broken || tree.foreign !== undefined) return closed();
  const blocks = new Map(tree.blocks.map((block) => [block.document, block]));
  const dataKeys = new Map<Block, Uint8Array>();
  for (const block of tree.blocks) {
    const metadata = readMetadata(block.value);
    if (typeof metadata === 'string') return closed(tell.metadata(metadata, block));
    const key = await dataKey(metadata, await keys());
    if (!(key instanceof Uint8Array)) return { ...closed(tell.noKey(key, block)), because: key.because };
    dataKeys.set(block, key);
  }
  const opened: (readonly [Leaf, OpenedValue])[] = [];
  const findings: Finding[] = [];
  for (const leaf of tree.leaves.filter(({ text: value }) => looksSealed(value))) {
    const block = blocks.get(leaf.document);
    const key = block === undefined ? undefined : dataKeys.get(block);
    const value = key === undefined ? 'unauthentic' : openValue(leaf.text, key, pathOf(leaf));
    if (typeof value === 'string') findings.push(tell.value(leaf, value));
    else opened.push([leaf, value]);
  }
  if (findings.length > 0) return closed(...findings.slice(0, MAX_TOLD));
  return { file: rewritten(text, tree.blocks, opened), findings: [] };
}

/** Values that stand in plain where the file's own rule wants them encrypted, or the other way: nobody needs a key to see it. */
function wrongForm(
  { leaves }: SealedTree,
  { rule }: SealedMetadata,
  tell: SealedFindings,
): readonly Finding[] {
  const mustBeSealed = judge(
    rule,
    leaves.flatMap(({ fields }) => fields),
  );
  if (mustBeSealed === undefined) return [tell.rule()];
  const findings = leaves.flatMap((leaf): readonly Finding[] => {
    const sealed = mustBeSealed(leaf.fields);
    const isEmpty = leaf.plain ? macText(leaf.text) === undefined : leaf.text === '';
    if (sealed === undefined || sealed === looksSealed(leaf.text) || (sealed && isEmpty)) return [];
    if (!sealed) return [tell.value(leaf, 'unexpected')];
    // What an object is called is no secret.
    return IDENTITY.test(pathOf(leaf)) ? [] : [tell.value(leaf, 'plain')];
  });
  return findings.slice(0, MAX_TOLD);
}

function openLeaves({ leaves }: SealedTree, metadata: SealedMetadata, key: Uint8Array, tell: SealedFindings) {
  const opened: (readonly [Leaf, OpenedValue])[] = [];
  const findings: Finding[] = [];
  const mac = new Mac(metadata);
  const mustBeSealed = judge(
    metadata.rule,
    leaves.flatMap(({ fields }) => fields),
  );
  if (mustBeSealed === undefined) {
    findings.push(tell.rule());
  }
  for (const leaf of mustBeSealed === undefined ? [] : leaves) {
    const plain = leaf.plain ? macText(leaf.text) : leaf.text;
    if (plain === undefined) continue;
    // Where comments decide, the form does: a value of the other form would not fit the MAC.
    const sealed = mustBeSealed?.(leaf.fields) ?? looksSealed(leaf.text);
    if (!sealed) {
      mac.addPlain(plain);
      // It would be applied as the text that it is.
      if (looksSealed(leaf.text)) findings.push(tell.value(leaf, 'unexpected'));
    } else if (leaf.text === '' && !leaf.plain) continue;
    else if (!looksSealed(leaf.text)) findings.push(tell.value(leaf, 'plain'));
    else {
      const value = openValue(leaf.text, key, pathOf(leaf));
      if (typeof value === 'string') findings.push(tell.value(leaf, value));
      else {
        mac.addSealed(value.macBytes);
        opened.push([leaf, value]);
      }
    }
  }
  return { opened, findings: findings.slice(0, MAX_TOLD), mac };
}

function pathOf({ fields }: Leaf): string {
  return `${fields.join(':')}:`;
}

/** What an object is called is in every report and in the cluster for all to read, whoever encrypted it. */
const IDENTITY = /^(items:)*(apiVersion|kind|metadata:(name|namespace)):$/;

function sealedValues(leaves: readonly Leaf[]): readonly SealedValue[] {
  return leaves
    .filter((leaf) => !IDENTITY.test(pathOf(leaf)))
    .map(({ document, path }) => ({ document, path }));
}

/** The text with each value in the line where its encrypted form stood. */
function rewritten(
  { file, text }: SourceText,
  blocks: readonly Block[],
  opened: readonly (readonly [Leaf, OpenedValue])[],
): SourceFile {
  const values = opened.map(([{ start, end }, value]) => {
    const lines = text.slice(start, end).match(/\r?\n/g) ?? [];
    return { start, end, by: written(value) + lines.join('') };
  });
  const blanks = blocks.map(({ start, end, flow }) => ({
    start,
    end,
    // A comment ends whatever stands before it; in a map with brackets, columns stay true besides.
    by: text.slice(start, end).replaceAll(flow ? /[^\r\n]/g : /[^\r\n]+/g, flow ? ' ' : '#'),
  }));
  let rest = text;
  for (const { start, end, by } of [...values, ...blanks].toSorted((a, b) => b.start - a.start)) {
    rest = rest.slice(0, start) + by + rest.slice(end);
  }
  return { path: file, content: Buffer.from(rest), sealed: sealedValues(opened.map(([leaf]) => leaf)) };
}

function written({ kind, text }: OpenedValue): string {
  if (kind !== 'text') return text;
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The file as it is, save for SOPS's own block: its other fields can be checked, and nothing of it may be applied. */
function stillClosed(text: SourceText, tree: SealedTree, findings: readonly Finding[]): OpenedText {
  const { path, content } = rewritten(text, tree.broken ? [] : tree.blocks, []);
  // As long as nobody knows what the object is called, nobody can say that it is called wrongly.
  const sealed = tree.leaves
    .filter(({ text: value }) => looksSealed(value))
    .map(({ document, path: within }) => ({ document, path: within }));
  return { file: { path, content, sealed, unopened: true }, findings };
}
