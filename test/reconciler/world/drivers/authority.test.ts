import { once } from 'node:events';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import {
  certificateOf,
  certificateSecret,
  certificatesOf,
  hasLife,
  withCertificates,
} from '../../../../reconciler/core/drivers/certificates.ts';
import type { DesiredObject } from '../../../../reconciler/core/desired/desired.ts';
import { type KubeObject, objectId, type ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { issue, newAuthority } from '../../../../reconciler/world/drivers/authority.ts';
import { authorityPlace, issuing } from '../../../../reconciler/world/drivers/issuing-cluster.ts';
import type { Cluster } from '../../../../reconciler/ports.ts';

const NOW = new Date();
const DAY = 24 * 3_600_000;
const NAME = 'dist.weka.svc.cluster.local';
const PLACE = authorityPlace({ namespace: 'weka-gitops-system', name: 'weka-gitops' });

/** Two ends that each prove who they are. */
async function handshake(
  server: { readonly certificate: string; readonly key: string },
  client: { readonly certificate: string; readonly key: string },
  ca: string,
): Promise<string> {
  const seen = Promise.withResolvers<string>();
  const listening = createServer(
    { cert: server.certificate, key: server.key, ca, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      const { authorized } = socket;
      seen.resolve(authorized ? String(socket.getPeerCertificate().subject.O) : 'refused');
      socket.end();
    },
  ).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    servername: NAME,
    ca,
    cert: client.certificate,
    key: client.key,
  });
  try {
    await once(socket, 'secureConnect');
    return await seen.promise;
  } finally {
    socket.destroy();
    listening.close();
  }
}

describe('an authority for driver services', () => {
  it('issues what TLS takes for a server of that name, and for who may upload', async () => {
    const authority = await newAuthority('weka-gitops-drivers-ca', NOW);
    const server = await issue(authority, { use: 'server', names: [NAME, 'dist.weka.svc'] }, NOW);
    const client = await issue(authority, { use: 'upload', names: ['dist'] }, NOW);
    expect(await handshake(server, client, authority.certificate)).toBe('weka-gitops:uploaders');
  });

  it('is no authority for certificates of another one', async () => {
    const [one, other] = await Promise.all([newAuthority('one', NOW), newAuthority('other', NOW)]);
    const server = await issue(one, { use: 'server', names: [NAME] }, NOW);
    const client = await issue(other, { use: 'upload', names: ['dist'] }, NOW);
    expect(await handshake(server, client, one.certificate)).toBe('refused');
    await expect(handshake(server, client, other.certificate)).rejects.toThrow(/certificate/);
  });

  it('issues for a year, of which two thirds pass before it is time for a new one', async () => {
    const authority = await newAuthority('one', NOW);
    const { certificate } = await issue(authority, { use: 'server', names: [NAME] }, NOW);
    const leaf = new X509Certificate(certificate);
    const at = (days: number) => hasLife(leaf, new Date(NOW.getTime() + days * DAY));
    expect([at(0), at(240), at(250), at(400), at(-1)]).toEqual([true, true, false, false, false]);
  });
});

/** A cluster that keeps what is applied. */
function keeping(objects = new Map<string, KubeObject>()) {
  const cluster = {
    get: (object: KubeObject) => Promise.resolve(objects.get(objectId(object))),
    apply: (object: KubeObject) => {
      objects.set(objectId(object), object);
      return Promise.resolve(object);
    },
  } as unknown as Cluster;
  return { cluster, objects };
}

const secret = certificateSecret({ name: 'dist-tls', namespace: 'weka', use: 'server', names: [NAME] });
const wanted: DesiredObject = {
  id: objectId(secret),
  object: secret,
  source: 'dist.yaml:1',
  certificate: { use: 'server', names: [NAME] },
};

function dataOf(object: KubeObject | undefined): Readonly<Record<string, string>> {
  return (object?.['data'] ?? {}) as Readonly<Record<string, string>>;
}

function text(object: KubeObject | undefined, key: string): string {
  return Buffer.from(dataOf(object)[key] ?? '', 'base64').toString();
}

/** What is in the cluster after the certificate was issued at `now`. */
async function issuedAt(now: Date, objects?: Map<string, KubeObject>) {
  const kept = keeping(objects);
  await issuing(kept.cluster, PLACE, { now: () => now }, certificatesOf([wanted])).apply(secret, {
    force: false,
  });
  const ca = kept.objects.get('v1/ConfigMap/weka-gitops-system/weka-gitops-drivers');
  return {
    objects: kept.objects as Map<ObjectId, KubeObject>,
    ca: dataOf(ca)['ca.crt'] ?? '',
  };
}

describe('a Secret of a certificate', () => {
  it('is filled in when it is written, and stays as it is from then on', async () => {
    const { objects, ca } = await issuedAt(NOW);
    const live = objects.get(wanted.id);
    expect(Object.keys(live?.['data'] as object)).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
    const [kept] = withCertificates([wanted], objects, { ca, now: NOW });
    expect(kept?.object['data']).toEqual(live?.['data']);
  });

  it.each([
    ['no life is left', (ca: string) => ({ ca, now: new Date(NOW.getTime() + 300 * DAY) })],
    [
      'it is by another authority',
      async () => ({ ca: (await newAuthority('x', NOW)).certificate, now: NOW }),
    ],
  ])('is issued anew where %s', async (_, how) => {
    const { objects, ca } = await issuedAt(NOW);
    const [kept] = withCertificates([wanted], objects, await how(ca));
    expect(kept?.object['data']).toBeUndefined();
  });

  it('is issued anew for other names, and with a key that is not its own', async () => {
    const { objects, ca } = await issuedAt(NOW);
    const other = certificateSecret({
      name: 'dist-tls',
      namespace: 'weka',
      use: 'server',
      names: ['new.svc'],
    });
    const certificate = certificateOf(other)!;
    expect(
      withCertificates([{ ...wanted, object: other, certificate }], objects, { ca, now: NOW })[0]?.object[
        'data'
      ],
    ).toBeUndefined();
    const live = objects.get(wanted.id)!;
    const { objects: others } = await issuedAt(NOW);
    const mixed = {
      ...live,
      data: {
        ...(live['data'] as object),
        'tls.key': (others.get(wanted.id)!['data'] as never)['tls.key'],
      },
    };
    const found = withCertificates([wanted], new Map([[wanted.id, mixed]]), { ca, now: NOW });
    expect(found[0]?.object['data']).toBeUndefined();
  });

  it('is not issued for a manifest of the same annotations, nor kept for one', async () => {
    const { certificate: _none, ...theirs } = wanted;
    const { objects, ca } = await issuedAt(NOW);
    const [kept] = withCertificates([theirs], objects, { ca, now: NOW });
    expect(kept?.object['data']).toBeUndefined();
    const other = keeping();
    const cluster = issuing(other.cluster, PLACE, { now: () => NOW }, certificatesOf([theirs]));
    await cluster.apply(secret, { force: false });
    expect([...other.objects.keys()]).toEqual([wanted.id]);
    expect(other.objects.get(wanted.id)?.['data']).toBeUndefined();
  });

  it('stays as it is while nobody knows the authority', async () => {
    const { objects } = await issuedAt(NOW);
    const late = new Date(NOW.getTime() + 300 * DAY);
    const [kept] = withCertificates([wanted], objects, { ca: undefined, now: late });
    expect(kept?.object['data']).toBeDefined();
  });

  it('is issued anew where nobody is told who vouches for it, so that they are told again', async () => {
    const { objects, ca } = await issuedAt(NOW);
    objects.delete('v1/ConfigMap/weka-gitops-system/weka-gitops-drivers' as ObjectId);
    const [kept] = withCertificates([wanted], objects, { ca: '', now: NOW });
    expect(kept?.object['data']).toBeUndefined();
    expect((await issuedAt(NOW, objects)).ca).toBe(ca);
  });

  it('is told of beside an empty lock, and whatever somebody has written there', async () => {
    const { objects, ca } = await issuedAt(NOW);
    const id = 'v1/ConfigMap/weka-gitops-system/weka-gitops-drivers' as ObjectId;
    expect(JSON.parse(dataOf(objects.get(id))['drivers.lock'] ?? '')).toEqual({
      schemaVersion: 1,
      packages: [],
    });
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    objects.set(id, { ...objects.get(id)!, data: { 'ca.crt': damaged } });
    const again = await issuedAt(NOW, objects);
    expect(again.ca).toBe(ca);
    expect(dataOf(objects.get(id))['drivers.lock']).toBeUndefined();
  });

  it('is by one authority for years, and the next one is told of beside it', async () => {
    const first = await issuedAt(NOW);
    const second = await issuedAt(new Date(NOW.getTime() + 100 * DAY), first.objects);
    expect(second.ca).toBe(first.ca);
    const later = new Date(NOW.getTime() + 2500 * DAY);
    const third = await issuedAt(later, first.objects);
    expect(third.ca.match(/BEGIN/g)).toHaveLength(2);
    expect(third.ca.endsWith(first.ca)).toBe(true);
    const leaf = new X509Certificate(text(third.objects.get(wanted.id), 'tls.crt'));
    expect(leaf.verify(new X509Certificate(third.ca).publicKey)).toBe(true);
    expect(createPublicKey(first.ca).equals(createPublicKey(third.ca))).toBe(false);
  });

  it('is not issued by an authority that cannot be read, and says which Secret that is', async () => {
    const { objects } = await issuedAt(NOW);
    const broken = objects.get('v1/Secret/weka-gitops-system/weka-gitops-drivers-ca' as ObjectId)!;
    objects.set(objectId(broken), { ...broken, data: { 'tls.crt': 'AAAA', 'tls.key': 'AAAA' } });
    await expect(issuedAt(NOW, objects)).rejects.toThrow(
      'Secret weka-gitops-system/weka-gitops-drivers-ca, which vouches for the services of drivers, cannot be read.',
    );
  });
});
