import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { UPLOADERS } from '../../../schemas/drivers/uploaders.ts';
import type { CertificateUse } from '../../core/drivers/certificates.ts';

const DAY = 24 * 3_600_000;
const AUTHORITY_MS = 3650 * DAY;
const CERTIFICATE_MS = 365 * DAY;
/** Clocks of nodes that are a little behind take what was issued just now. */
const EARLIER_MS = 3_600_000;

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A certificate with its private key, both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** An authority for the certificates of driver services. `name` tells it apart from others. */
export async function newAuthority(name: string, now: Date): Promise<Issued> {
  const keys = await keyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name] }, { O: ['weka-gitops'] }],
      keys,
      signingAlgorithm: SIGNATURE,
      ...lifetime(now, AUTHORITY_MS),
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  return await issued(certificate, keys);
}

/** A certificate by `authority` for a server with these DNS names, or for an uploader that is called so. Throws where the authority cannot be read. */
export async function issue(
  authority: Issued,
  { use, names }: { readonly use: CertificateUse; readonly names: readonly string[] },
  now: Date,
): Promise<Issued> {
  const keys = await keyPair();
  const issuer = new X509Certificate(authority.certificate);
  const [name = use] = names;
  const isServer = use === 'server';
  const hosts: JsonGeneralNames = names.map((value) => ({ type: 'dns', value }));
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [name.slice(0, 64)] }, { O: [isServer ? 'weka-gitops' : UPLOADERS] }],
      issuer: issuer.subjectName,
      signingKey: await signingKey(authority.key),
      publicKey: keys.publicKey,
      signingAlgorithm: SIGNATURE,
      ...lifetime(now, CERTIFICATE_MS),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([isServer ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
        ...(isServer ? [new SubjectAlternativeNameExtension(hosts)] : []),
      ],
    },
    webcrypto,
  );
  return await issued(certificate, keys);
}

function lifetime(now: Date, forMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - EARLIER_MS),
    notAfter: new Date(now.getTime() + forMs),
  };
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem);
  if (der === undefined) throw new Error('There is no private key.');
  return await webcrypto.subtle.importKey('pkcs8', der, KEYS, false, ['sign']);
}

async function issued(
  certificate: X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<Issued> {
  const key = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  };
}
