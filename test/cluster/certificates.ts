import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** To Kubernetes, the groups of a user. */
  readonly organizations?: readonly string[];
  /** Names and addresses that a server answers to. */
  readonly hosts?: readonly string[];
}

/** Issues certificates, which node:crypto cannot: it makes keys and signatures, but no X.509. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly key: string;
  readonly #name: Buffer;
  readonly #key: KeyObject;

  static create(commonName: string): CertificateAuthority {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const name = distinguishedName({ commonName });
    const extensions = [
      extension('2.5.29.19', sequence(bool(true)), { critical: true }), // basic constraints: is an authority
      extension('2.5.29.15', bits(0b0000_0110, 1), { critical: true }), // key usage: signs certificates and lists
    ];
    const certificate = issue({ issuer: name, subject: name, publicKey, signWith: privateKey, extensions });
    return new CertificateAuthority({ certificate, key: pem(privateKey) }, commonName);
  }

  /** An authority made before. */
  constructor({ certificate, key }: Identity, commonName: string) {
    this.certificate = certificate;
    this.key = key;
    this.#key = createPrivateKey(key);
    this.#name = distinguishedName({ commonName });
  }

  /** An identity for a server with its `hosts`, for a client, or for both. */
  issue(subject: Subject): Identity {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const hosts = (subject.hosts ?? []).map(generalName);
    const extensions = [
      extension('2.5.29.15', bits(0b1000_0000, 7), { critical: true }), // key usage: digital signature
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))), // server, client
      ...(hosts.length > 0 ? [extension('2.5.29.17', sequence(...hosts))] : []),
    ];
    const certificate = issue({
      issuer: this.#name,
      subject: distinguishedName(subject),
      publicKey,
      signWith: this.#key,
      extensions,
    });
    return { certificate, key: pem(privateKey) };
  }
}

interface Certificate {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly signWith: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280, section 4.1. */
function issue({ issuer, subject, publicKey, signWith, extensions }: Certificate): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ECDSA with SHA-256
  const hour = 3_600_000;
  const validity = sequence(time(Date.now() - hour), time(Date.now() + 365 * 24 * hour));
  const content = sequence(
    tagged(0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, signWith);
  const der = sequence(content, algorithm, element(0x03, Buffer.of(0), signature));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string) => set(sequence(oid(type), utf8(value)));
  return sequence(
    ...organizations.map((name) => attribute('2.5.4.10', name)),
    attribute('2.5.4.3', commonName),
  );
}

function generalName(host: string): Buffer {
  if (isIP(host) === 4) return element(0x87, Buffer.from(host.split('.').map(Number)));
  if (isIP(host) === 6) throw new Error(`${host}: IPv6 addresses are not needed here yet.`);
  return element(0x82, Buffer.from(host, 'ascii'));
}

function extension(type: string, value: Buffer, { critical = false } = {}): Buffer {
  return sequence(oid(type), ...(critical ? [bool(true)] : []), element(0x04, value));
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

// DER: a tag, a length, the content.

const sequence = (...content: Buffer[]) => element(0x30, ...content);
const set = (...content: Buffer[]) => element(0x31, ...content);
const tagged = (tag: number, content: Buffer) => element(0xa0 + tag, content);
const bool = (value: boolean) => element(0x01, Buffer.of(value ? 0xff : 0));
const integer = (bytes: Buffer) => element(0x02, bytes);
const utf8 = (text: string) => element(0x0c, Buffer.from(text));
const bits = (byte: number, unused: number) => element(0x03, Buffer.of(unused, byte));

function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), length(body.length), body]);
}

function length(count: number): Buffer {
  if (count < 0x80) return Buffer.of(count);
  const bytes: number[] = [];
  for (let rest = count; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

/** The first two numbers share a byte, every other is written in sevens of bits. */
function oid(dotted: string): Buffer {
  const [first, second, ...others] = dotted.split('.').map(Number);
  const bytes = [first! * 40 + second!];
  for (const number of others) {
    const septets = [number & 0x7f];
    for (let rest = number >> 7; rest > 0; rest >>= 7) septets.unshift(0x80 | (rest & 0x7f));
    bytes.push(...septets);
  }
  return element(0x06, Buffer.from(bytes));
}

/** UTCTime: YYMMDDhhmmssZ, good until 2049. */
function time(ms: number): Buffer {
  return element(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}
