import { createHash } from 'node:crypto';
import type { SealedMetadata } from './metadata.ts';

/** What SOPS begins with where only encrypted values count, so that neither MAC can pass for the other. */
const ENCRYPTED_ONLY = createHash('sha256').update('sops').digest();

/** SOPS's proof that a file is whole: a hash over its values in their order. It is stored encrypted with the data key. */
export class Mac {
  readonly #hash = createHash('sha512');
  readonly #onlySealed: boolean;

  constructor({ macOnlyEncrypted }: Pick<SealedMetadata, 'macOnlyEncrypted'>) {
    this.#onlySealed = macOnlyEncrypted;
    if (macOnlyEncrypted) this.#hash.update(ENCRYPTED_ONLY);
  }

  addSealed(value: Uint8Array): void {
    this.#hash.update(value);
  }

  addPlain(value: string): void {
    if (!this.#onlySealed) this.#hash.update(value);
  }

  digest(): string {
    return this.#hash.digest('hex').toUpperCase();
  }
}
