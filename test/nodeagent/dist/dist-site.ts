import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type DistOptions, type RunningDist, startDist } from '../../../nodeagent/dist/start-dist.ts';
import type { Issued } from '../../../reconciler/world/drivers/authority.ts';
import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import type { PackagesInUse } from '../../../schemas/drivers/packages-in-use.ts';
import { DIGEST_HEADER } from '../../../schemas/drivers/uploaders.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { anAuthority, certificateIn, SERVER_NAME } from './certificates.ts';

/** A line of the log. */
export interface Logged {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Without TLS. */
  readonly plain?: boolean;
  /** Folder of the client's certificate. */
  readonly as?: string | undefined;
  /** Keeps its connections for others; without one, each request has its own. */
  readonly agent?: Agent;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
  /** Whether the connection was there before. */
  readonly isReused: boolean;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where a client finds a service, and whom it believes. */
export interface Reach {
  readonly port: number;
  readonly ca: string;
}

/** One request, and the whole of its answer. */
export async function ask({ port, ca }: Reach, asked: Asked): Promise<Got> {
  const { method = 'GET', path, headers = {}, body, plain = false, as, agent = false } = asked;
  const pair = as === undefined ? {} : await pairIn(as);
  const shared = { host: '127.0.0.1', port, path, method, headers, agent } as const;
  const request = plain
    ? httpRequest(shared)
    : httpsRequest({ ...shared, ca, servername: SERVER_NAME, ...pair });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
    request.end(body);
  });
  request.on('error', () => undefined);
  const bytes = await buffer(response);
  const isReused = request.reusedSocket;
  if (agent === false) request.destroy();
  return {
    isReused,
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: bytes,
    text: bytes.toString('utf8'),
  };
}

async function pairIn(folder: string) {
  const read = async (name: string) => await readFile(join(folder, name), 'utf8');
  return { cert: await read('tls.crt'), key: await read('tls.key') };
}

export function pathOf(file: string): string {
  return `${DRIVERS_PATH}/${file}`;
}

export interface DistSite {
  readonly folder: string;
  readonly authority: Issued;
  /** Folders of certificates. */
  readonly tls: string;
  readonly uploader: string;
  /** File that says which packages are in use: none, until a test says so. */
  readonly inUse: string;
  readonly log: Logged[];
  readonly said: (message: string) => readonly Logged[];
}

/** A folder of packages and certificates for a service, which is not started. */
export async function distSite(folder?: string): Promise<DistSite> {
  const scratch = await scratchFolder();
  const authority = await anAuthority();
  const packages = folder ?? join(scratch, 'dist');
  await mkdir(packages, { recursive: true });
  const inUse = join(scratch, 'in-use.json');
  await usePackages({ inUse }, []);
  const log: Logged[] = [];
  return {
    folder: packages,
    inUse,
    authority,
    tls: await certificateIn(join(scratch, 'tls'), authority, 'server'),
    uploader: await certificateIn(join(scratch, 'upload'), authority, 'upload'),
    log,
    said: (message) => log.filter((each) => each.message === message),
  };
}

/** Says which packages are in use, as the reconciler does. */
export async function usePackages(
  { inUse }: Pick<DistSite, 'inUse'>,
  packages: PackagesInUse['packages'],
): Promise<void> {
  await writeFile(inUse, JSON.stringify({ schemaVersion: 1, packages } satisfies PackagesInUse));
}

export interface TestDist extends Reach {
  readonly running: RunningDist;
  readonly url: string;
  get(path: string, more?: Partial<Asked>): Promise<Got>;
  put(file: string, body: Uint8Array, more?: Partial<Asked>): Promise<Got>;
}

/** A service in this process, stopped when the test ends. */
export async function startTestDist(site: DistSite, options: Partial<DistOptions> = {}): Promise<TestDist> {
  const note = (fields: Logged['fields'], message: string) => void site.log.push({ message, fields });
  const running = await startDist({
    folder: site.folder,
    tls: site.tls,
    inUse: site.inUse,
    host: '127.0.0.1',
    port: 0,
    log: { info: note, warn: note },
    ...options,
  });
  onTestFinished(async () => await running.stop(0));
  return clientOf(site, running);
}

/** What asks a service of the site. */
export function clientOf(site: DistSite, running: RunningDist): TestDist {
  const { port } = running.address;
  const reach = { port, ca: site.authority.certificate };
  return {
    ...reach,
    running,
    url: `https://127.0.0.1:${port}`,
    get: async (path, more) => await ask(reach, { path, ...more }),
    put: async (file, body, { headers = {}, ...more } = {}) =>
      await ask(reach, {
        method: 'PUT',
        path: pathOf(file),
        body,
        headers: { [DIGEST_HEADER]: sha256Of(body), 'content-length': `${body.length}`, ...headers },
        as: site.uploader,
        ...more,
      }),
  };
}
