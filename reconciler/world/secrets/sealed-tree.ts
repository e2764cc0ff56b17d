import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { ValuePath } from '../../core/spec/source.ts';
import type { SourceText } from '../../core/spec/text.ts';
import { readYaml } from '../../core/spec/yaml.ts';
import { isSealedMetadata } from './metadata.ts';

/** A scalar of a file that SOPS has seen to. */
export interface Leaf {
  /** Place of its document among those that hold anything besides SOPS's own block. */
  readonly document: number;
  readonly path: ValuePath;
  /** The fields that lead to it, without places in lists: what it is authenticated with. */
  readonly fields: readonly string[];
  readonly text: string;
  /** Whether it stands without quotes, so that it need not be text. */
  readonly plain: boolean;
  readonly start: number;
  readonly end: number;
}

/** SOPS's own block in one document. */
export interface Block {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where it stands, with the comma that parts it from its neighbour. */
  readonly start: number;
  readonly end: number;
  readonly flow: boolean;
  /** The document that it belongs to, as in `Leaf`. */
  readonly document: number;
}

/** A file as SOPS sees it. */
export interface SealedTree {
  readonly leaves: readonly Leaf[];
  /** What the first block says: all others repeat it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  /** What SOPS never writes, and what we would read otherwise than SOPS. */
  readonly foreign?: { readonly offset: number; readonly message: string };
  /** Whether there is a fault that everybody is told who reads the file as YAML. */
  readonly broken: boolean;
}

/** Reads a file that has a `sops` block; undefined for any other. */
export function sealedTree(text: SourceText): SealedTree | undefined {
  if (!text.text.includes('sops')) return undefined;
  // The limits of all reading hold before anything else looks at the text.
  const read = readYaml(text);
  const blocks = read.documents.map(({ value }) => blockOf(value));
  if (blocks.every((block) => block === undefined)) return undefined;
  const broken =
    read.problems.length > 0 ||
    read.documents.some(
      (document) => document.broken || document.problems.some(({ rule }) => rule !== 'ambiguous-scalar'),
    );
  const walk = new Walk((offset) =>
    blockOf(read.documents.find(({ range: [from, to] }) => from <= offset && offset < to)?.value),
  );
  if (!broken)
    walk.file(parseAllDocuments(text.text, { schema: 'failsafe', uniqueKeys: false, merge: false }));
  const foreign = read.documents.some(({ hasAliases }) => hasAliases)
    ? { offset: 0, message: 'The encrypted file repeats values by aliases.' }
    : walk.foreign;
  const metadata = blocks.find((block) => block !== undefined) ?? {};
  return {
    leaves: walk.leaves,
    blocks: walk.blocks,
    metadata,
    broken,
    ...(foreign === undefined ? {} : { foreign }),
  };
}

function blockOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const block = typeof value === 'object' && value !== null ? (value as { sops?: unknown }).sops : undefined;
  return isSealedMetadata(block) ? (block as Readonly<Record<string, unknown>>) : undefined;
}

class Walk {
  readonly leaves: Leaf[] = [];
  readonly blocks: Block[] = [];
  foreign: SealedTree['foreign'];
  readonly #blockAt: (offset: number) => Readonly<Record<string, unknown>> | undefined;
  #document = 0;

  constructor(blockAt: (offset: number) => Readonly<Record<string, unknown>> | undefined) {
    this.#blockAt = blockAt;
  }

  file(documents: readonly Document.Parsed[] | { readonly empty: true }): void {
    if (!Array.isArray(documents)) return;
    for (const { contents } of documents as readonly Document.Parsed[]) {
      if (contents === null || (isScalar(contents) && contents.source === '')) continue;
      if (!isMap(contents)) {
        this.#refuse(contents.range[0], 'SOPS encrypts documents that are maps only.');
        continue;
      }
      const rest = contents.items.filter((pair) => !isBlock(pair));
      for (const pair of contents.items) if (isBlock(pair)) this.#block(contents, pair);
      for (const pair of rest) this.#pair(pair, [], []);
      // Without its block, a document that holds nothing else is none.
      if (rest.length > 0 || contents.flow === true) this.#document++;
    }
  }

  #refuse(offset: number, message: string): void {
    this.foreign ??= { offset, message };
  }

  #block(map: YAMLMap, pair: Pair): void {
    const { key, value } = pair as { readonly key: Ranged; readonly value: Ranged };
    const index = map.items.indexOf(pair);
    const flow = map.flow === true;
    const start = key.range[0];
    const end = value.range[1];
    const before = map.items[index - 1] as Pair<Ranged, Ranged | null> | undefined;
    const after = map.items[index + 1] as Pair<Ranged> | undefined;
    const parted = !flow
      ? { start, end }
      : before !== undefined
        ? { start: (before.value ?? before.key).range[1], end }
        : { start, end: after?.key.range[0] ?? end };
    this.blocks.push({ value: this.#blockAt(start) ?? {}, ...parted, flow, document: this.#document });
  }

  #pair(pair: Pair, path: ValuePath, fields: readonly string[]): void {
    if (!isScalar(pair.key)) return this.#refuse(0, 'A name of the encrypted file is no text.');
    const name = String(pair.key.value);
    if (pair.key.type === 'PLAIN' && name === '<<') {
      return this.#refuse(pair.key.range?.[0] ?? 0, 'The encrypted file merges maps.');
    }
    this.#node(pair.value, [...path, name], [...fields, name]);
  }

  #node(node: unknown, path: ValuePath, fields: readonly string[]): void {
    if (isMap(node)) for (const pair of node.items) this.#pair(pair, path, fields);
    else if (isSeq(node)) node.items.forEach((item, index) => this.#node(item, [...path, index], fields));
    else if (isAlias(node))
      this.#refuse(node.range?.[0] ?? 0, 'The encrypted file repeats values by aliases.');
    else if (isScalar(node)) {
      const [start = 0, end = 0] = node.range ?? [];
      const plain = node.type === 'PLAIN' && node.tag === undefined;
      const text = node.source ?? (typeof node.value === 'string' ? node.value : '');
      this.leaves.push({ document: this.#document, path, fields, text, plain, start, end });
    }
  }
}

interface Ranged {
  readonly range: readonly [start: number, end: number, next: number];
}

function isBlock({ key, value }: Pair): boolean {
  return isScalar(key) && key.value === 'sops' && isMap(value);
}
