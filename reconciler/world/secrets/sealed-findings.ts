import type { Finding } from '../../core/spec/finding.ts';
import { pathText } from '../../core/spec/problem.ts';
import type { SourceText } from '../../core/spec/text.ts';
import type { NoDataKey } from './data-key.ts';
import type { Leaf, SealedTree } from './sealed-tree.ts';
import type { ClosedBecause } from './sealed-value.ts';

/** What may be wrong with one value: it does not open, or is in plain or encrypted where it should be the other. */
type Wrong = ClosedBecause | 'plain' | 'unexpected';

/** What to do about a file that somebody has changed by hand. */
export const EDIT =
  'Change the file with `sops edit`, which encrypts it anew; look in git at who changed it otherwise.';

/** Says what is wrong with one encrypted file. */
export class SealedFindings {
  readonly #text: SourceText;
  readonly #tree: SealedTree;

  constructor(text: SourceText, tree: SealedTree) {
    this.#text = text;
    this.#tree = tree;
  }

  at(
    offset: number,
    rule: 'tampered' | 'not-decrypted' | 'plain-leftover',
    message: string,
    hint: string,
  ): Finding {
    const position = this.#text.position(offset);
    const excerpt = this.#text.keyExcerpt(position);
    return { level: 'error', rule, file: this.#text.file, ...position, message, hint, excerpt };
  }

  /** That nobody can tell which values have to be encrypted. */
  rule(): Finding {
    return this.metadata('Its regular expression for what is encrypted cannot be understood.');
  }

  metadata(fault: string, block = this.#tree.blocks[0]): Finding {
    return this.at(
      block?.start ?? 0,
      'tampered',
      `The file’s sops block is not as SOPS wrote it. ${fault}`,
      EDIT,
    );
  }

  noKey(reason: NoDataKey, block = this.#tree.blocks[0]): Finding {
    const { because, message } = reason;
    const rule = because === 'damaged' ? 'tampered' : 'not-decrypted';
    const offset = because === 'damaged' ? (block?.start ?? 0) : 0;
    return this.at(offset, rule, message, KEY_HINTS[because]);
  }

  value(leaf: Leaf, wrong: Wrong): Finding {
    const name = pathText(leaf.path);
    switch (wrong) {
      case 'plain': {
        const hint = 'Encrypt the file again with sops, and change the secret itself: git keeps what it was.';
        return this.at(
          leaf.start,
          'plain-leftover',
          `The value of ${name} stands in plain in an encrypted file.`,
          hint,
        );
      }
      case 'unexpected': {
        const message = `The value of ${name} is encrypted, and the file’s sops block says that it is not.`;
        return this.at(leaf.start, 'tampered', message, EDIT);
      }
      case 'malformed':
        return this.at(leaf.start, 'tampered', `The encrypted value of ${name} is damaged.`, EDIT);
      case 'unauthentic': {
        const message = `The encrypted value of ${name} was changed, or brought here from another place.`;
        return this.at(leaf.start, 'tampered', message, EDIT);
      }
      case 'binary': {
        const hint = 'Put it into the file as Base64, in the data of a Secret, and encrypt that.';
        return this.at(leaf.start, 'not-decrypted', `The encrypted value of ${name} is not text.`, hint);
      }
      case 'unsupported': {
        const hint = 'Encrypt it as text, number or boolean.';
        return this.at(
          leaf.start,
          'not-decrypted',
          `The encrypted value of ${name} is of a type that no manifest has.`,
          hint,
        );
      }
    }
  }
}

const KEY_HINTS: Readonly<Record<NoDataKey['because'], string>> = {
  'no-key':
    'Set decryption.ageKeyFile or decryption.pgpKeyFile in the configuration of this process, or WEKA_GITOPS_AGE_KEY_FILE.',
  'other-keys':
    'Configure the private key of one of them, or add the configured key’s public one with `sops rotate`.',
  service: 'Add an age or PGP key to the file with `sops rotate --add-age` or `--add-pgp`.',
  threshold: 'Configure private keys of more groups, or lower the threshold with `sops`.',
  damaged: EDIT,
};
