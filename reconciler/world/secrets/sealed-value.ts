import { createDecipheriv } from 'node:crypto';
import { decimalText } from './go-values.ts';

/** A value that was decrypted: its text in a manifest, and what it adds to the MAC. */
export interface OpenedValue {
  readonly kind: 'text' | 'number' | 'boolean';
  readonly text: string;
  readonly macBytes: Uint8Array;
}

/** Why a value stays closed. */
export type ClosedBecause = 'malformed' | 'unauthentic' | 'binary' | 'unsupported';

const FORM = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),type:([a-z]+)\]$/;

/** Whether a text is meant to be a value that SOPS has encrypted, however damaged. */
export function looksSealed(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,');
}

/** Opens one value of a SOPS file. The fields that lead to it are authenticated with it, so it cannot stand elsewhere. */
export function openValue(sealed: string, key: Uint8Array, path: string): OpenedValue | ClosedBecause {
  const [, data, iv, tag, type] = FORM.exec(sealed) ?? [];
  const parts = [data, iv, tag].map(base64);
  const [secret, nonce, check] = parts;
  if (secret === undefined || nonce === undefined || check === undefined || type === undefined) {
    return 'malformed';
  }
  if (nonce.length === 0 || check.length !== 16) return 'malformed';
  let bytes: Buffer;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(path)).setAuthTag(check);
    bytes = Buffer.concat([decipher.update(secret), decipher.final()]);
  } catch {
    // Whatever OpenSSL says, the value is not what was encrypted with this key for this place.
    return 'unauthentic';
  }
  return typed(type, bytes);
}

function typed(type: string, bytes: Buffer): OpenedValue | ClosedBecause {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return 'binary';
  }
  const opened = (kind: OpenedValue['kind'], shown: string, mac = shown): OpenedValue => ({
    kind,
    text: shown,
    macBytes: Buffer.from(mac),
  });
  switch (type) {
    case 'str':
    case 'bytes':
    case 'time':
      return opened('text', text);
    case 'int':
      return /^[-+]?[0-9]{1,20}$/.test(text) ? opened('number', String(BigInt(text))) : 'malformed';
    case 'float': {
      const value = Number(text);
      if (!/^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$/.test(text) || !Number.isFinite(value)) return 'unsupported';
      return opened('number', decimalText(value));
    }
    case 'bool': {
      if (/^(1|t|T|true|TRUE|True)$/.test(text)) return opened('boolean', 'true', 'True');
      return /^(0|f|F|false|FALSE|False)$/.test(text) ? opened('boolean', 'false', 'False') : 'malformed';
    }
    default:
      return 'unsupported';
  }
}

/** Node passes over what is not Base64; of a value that is authenticated nothing may be passed over. */
function base64(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
