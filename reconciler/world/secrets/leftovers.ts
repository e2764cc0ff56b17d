import { isRecord } from '../../core/kube/json.ts';
import type { Finding } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { decode, quoted, type SourceText } from '../../core/spec/text.ts';
import { readYaml } from '../../core/spec/yaml.ts';
import type { Place } from '../../core/spec/convert.ts';
import { looksSealed } from './sealed-value.ts';

/** Secrets in plain of which there is an encrypted file too: most likely what somebody encrypted, and forgot. */
export function plainLeftovers(
  files: readonly SourceFile[],
  sealed: readonly SourceFile[],
): readonly Finding[] {
  const encrypted = new Map(
    sealed.flatMap((file) => secretsIn(file).map(({ name }): [string, string] => [name, file.path])),
  );
  const words = [...encrypted.keys()].map((name) => name.slice(name.indexOf('/') + 1));
  if (encrypted.size === 0) return [];
  const closed = new Set(sealed.map(({ path }) => path));
  return files
    .filter(({ path }) => !closed.has(path))
    .flatMap((file) =>
      secretsIn(file, words).flatMap(({ name, text, offset }): readonly Finding[] => {
        const other = encrypted.get(name);
        if (other === undefined) return [];
        const position = text.position(offset);
        return [
          {
            level: 'error',
            rule: 'plain-leftover',
            file: file.path,
            ...position,
            excerpt: text.keyExcerpt(position),
            message: `Secret ${quoted(name)} stands here in plain, and encrypted in ${other}.`,
            hint: 'Remove this one, and change the secret itself: git keeps what it was.',
          },
        ];
      }),
    );
}

/** Encrypted values of a file that has lost the block which tells how to decrypt them. */
export function sealedAlone(file: SourceFile): readonly Finding[] {
  const bytes = Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength);
  if (!bytes.includes('ENC[AES256_GCM,')) return [];
  const decoded = decode(file);
  if (!('text' in decoded)) return [];
  const { text } = decoded;
  const found = readYaml(text).documents.flatMap(({ value, place }) => sealedOffsets(value, place));
  const [first] = found;
  if (first === undefined) return [];
  const position = text.position(first);
  return [
    {
      level: 'error',
      rule: 'tampered',
      file: file.path,
      ...position,
      excerpt: text.keyExcerpt(position),
      message:
        'The value is encrypted by SOPS, and the file has no sops block that could tell how to decrypt it.',
      hint: 'Take the whole file as sops wrote it; a part of it cannot be read.',
    },
  ];
}

function sealedOffsets(value: unknown, place: Place): readonly number[] {
  if (typeof value === 'string') return looksSealed(value) ? [place.start] : [];
  if (!isRecord(value) && !Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = place.members?.get(Array.isArray(value) ? Number(key) : key);
    return at === undefined ? [] : sealedOffsets(member, at);
  });
}

interface SecretPlace {
  /** `namespace/name`. */
  readonly name: string;
  readonly text: SourceText;
  readonly offset: number;
}

/** The Secrets of a file that mentions one of `words`, where there are any. */
function secretsIn(file: SourceFile, words: readonly string[] = ['']): readonly SecretPlace[] {
  const bytes = Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength);
  if (!bytes.includes('Secret') || !words.some((word) => bytes.includes(word))) return [];
  const decoded = decode(file);
  if (!('text' in decoded)) return [];
  const { text } = decoded;
  return readYaml(text).documents.flatMap(({ value, place }) => {
    const items = isRecord(value) && Array.isArray(value['items']) ? (value['items'] as unknown[]) : [value];
    return items.flatMap((item, index): readonly SecretPlace[] => {
      if (!isRecord(item) || item['kind'] !== 'Secret' || !isRecord(item['metadata'])) return [];
      const { name, namespace } = item['metadata'];
      if (typeof name !== 'string') return [];
      const at = item === value ? place : (place.members?.get('items')?.members?.get(index) ?? place);
      const within = typeof namespace === 'string' ? `${namespace}/` : '';
      return [{ name: `${within}${name}`, text, offset: at.start }];
    });
  });
}
