import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { DRIVERS_PATH, DIST_PORT } from '../../../schemas/drivers/package.ts';
import { portOf } from '../../core/desired/dist-services.ts';
import { isWithinRegistries, registryRefusal } from '../../core/drivers/allowed-registry.ts';
import type { PackageSource } from '../../core/export/pinned-files.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { Environment } from '../kubeapi/exec-plugin.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { proxyFor } from '../kubeapi/proxy.ts';
import { PackageFault } from './package-fault.ts';

const ANSWER_MS = 30_000;
const MOST_REDIRECTS = 3;

/** What sources are reached by. */
export interface Reach {
  readonly api: Pick<KubeApi, 'download' | 'request'>;
  readonly userAgent: string;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly proxyEnv: Environment;
  /** Certificates in PEM that are trusted besides the system's. */
  readonly ca: readonly string[];
  /** Registries that packages may come from; the vendor's alone where unset. */
  readonly registries: readonly string[] | undefined;
  /** Whether a person gave the address, which is no registry then. */
  readonly isGiven: boolean;
}

/** How people are told of a source: an address may hold a password. */
export function sourceName(source: PackageSource): string {
  return source.kind === 'service'
    ? `service ${source.namespace}/${source.name}`
    : new URL(source.url).origin;
}

/** Begins to read a file from a source. What is wrong with it is a PackageFault; failures of the API server itself are thrown as they are. */
export async function openSource(
  source: PackageSource,
  file: string,
  reach: Reach,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  return source.kind === 'service'
    ? await throughApi(source, file, reach, signal)
    : await fromAddress(source, file, reach, signal);
}

type Source<Kind extends PackageSource['kind']> = Extract<PackageSource, { readonly kind: Kind }>;

/** By the API server, which reaches Services from wherever it is reached. It looks at no certificate: the digest is what is trusted. */
async function throughApi(
  source: Source<'service'>,
  file: string,
  { api }: Reach,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { namespace, name } = source;
  const port = await portFor(source, api);
  const of = (scheme: string) =>
    `/api/v1/namespaces/${namespace}/services/${scheme}${name}:${port}/proxy${DRIVERS_PATH}/${encodeURIComponent(file)}`;
  const begin = async (scheme: string) => {
    const body = await api.download(of(scheme), { signal, openWithinMs: ANSWER_MS });
    return brokenOff(body, source, file);
  };
  try {
    return await begin('https:').catch(async (error: unknown) => {
      // One that others made may speak without TLS alone.
      if (!(error instanceof ApiError && error.code === 'API_UNAVAILABLE')) throw error;
      return await begin('').catch((second: unknown) => {
        throw second instanceof ApiError && second.status === 404 ? second : error;
      });
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) throw missing(source, file);
    throw new PackageFault({
      code: 'UNREACHABLE',
      why: error.message,
      hint: error.hint ?? UNREACHABLE_HINT,
      cause: error,
    });
  }
}

/** The port that the Service serves at. Who may not read it knows the one that is the rule. */
async function portFor({ namespace, name }: Source<'service'>, api: Reach['api']): Promise<number> {
  try {
    const service = await api.request<KubeObject>('GET', `/api/v1/namespaces/${namespace}/services/${name}`);
    return portOf(service['spec']);
  } catch (error) {
    if (error instanceof ApiError) return DIST_PORT;
    throw error;
  }
}

const UNREACHABLE_HINT =
  'Check that the service has a ready pod, and that the API server reaches port 60002 of pods; or forward that port to this machine, and give its address by --from.';

async function* brokenOff(
  body: AsyncIterable<Uint8Array>,
  source: PackageSource,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw unreachable(source, file, error);
  }
}

async function* fromWeb(
  { body }: Dispatcher.ResponseData,
  dispatchers: readonly Dispatcher[],
  source: PackageSource,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreachable(source, file, error);
  } finally {
    for (const each of dispatchers) await each.destroy();
  }
}

async function fromAddress(
  source: Source<'address'>,
  file: string,
  reach: Reach,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const refusal = reach.isGiven ? undefined : registryRefusal(baseOf(source.url, file), reach.registries);
  if (refusal !== undefined) throw new PackageFault(refusal);
  const dispatchers: Dispatcher[] = [];
  try {
    let url = new URL(source.url);
    const { host } = url;
    for (let redirects = 0; ; redirects += 1) {
      const dispatcher = dispatcherFor(url, source, reach);
      dispatchers.push(dispatcher);
      const answer = await request(url, {
        headers: { 'user-agent': reach.userAgent, 'accept-encoding': 'identity' },
        headersTimeout: ANSWER_MS,
        // Silence is for whoever reads it to judge.
        bodyTimeout: 0,
        dispatcher,
        signal,
      });
      if (answer.statusCode === 200) return fromWeb(answer, dispatchers, source, file);
      answer.body.on('error', () => undefined).destroy();
      const { location } = answer.headers;
      const isMoved = answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string';
      if (!isMoved) throw refused(source, file, answer.statusCode);
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      // What was asked for by TLS is not taken without.
      const isWeaker = url.protocol === 'https:' && next?.protocol !== 'https:';
      if (
        next === undefined ||
        isWeaker ||
        !/^https?:$/.test(next.protocol) ||
        (next.host !== host && !isWithinRegistries(next, reach.registries)) ||
        redirects === MOST_REDIRECTS
      ) {
        throw new PackageFault({
          code: 'SERVICE',
          why: `${sourceName(source)} leads to an address that is not followed${next === undefined ? '' : `, of ${next.origin}`}.`,
          hint: 'Give an address that has the file by --from, or name where it leads to in ceilings.driverRegistries of the configuration.',
        });
      }
      url = next;
    }
  } catch (error) {
    for (const each of dispatchers) await each.destroy();
    if (error instanceof PackageFault) throw error;
    throw unreachable(source, file, error);
  }
}

/** The address of a registry by that of a file of it. */
function baseOf(url: string, file: string): string {
  const end = `${DRIVERS_PATH}/${file}`;
  return url.endsWith(end) ? url.slice(0, -end.length) : url;
}

function dispatcherFor(url: URL, { serverName }: Source<'address'>, { ca, proxyEnv }: Reach): Dispatcher {
  const proxy = proxyFor(url, undefined, proxyEnv);
  const connect = {
    ca: [...getCACertificates('default'), ...ca],
    timeout: ANSWER_MS,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  return proxy === undefined
    ? new Agent({ connect })
    : new ProxyAgent({ uri: proxy.href, requestTls: connect, connectTimeout: ANSWER_MS });
}

function refused(source: PackageSource, file: string, status: number): PackageFault {
  if (status === 404 || status === 410) return missing(source, file);
  return new PackageFault({
    code: 'SERVICE',
    why: `${sourceName(source)} answers with status ${status} for ${file}.`,
    hint: 'Look at what it, or a proxy before it, asks for.',
  });
}

function missing(source: PackageSource, file: string): PackageFault {
  // The API server says the same of a Service that is not there.
  const itself = source.kind === 'service' ? ', or is not there itself' : '';
  return new PackageFault({
    code: 'PACKAGE_MISSING',
    why: `${sourceName(source)} does not have ${file}${itself}.`,
    hint: 'Let a pass fetch or build it again, or give an address that has it by --from.',
  });
}

function unreachable(source: PackageSource, file: string, error: unknown): PackageFault {
  if (error instanceof PackageFault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER|^ERR_TLS_/.test(code ?? '');
  return new PackageFault({
    code: isTrust ? 'UNTRUSTED' : 'UNREACHABLE',
    why: `${file} cannot be had from ${sourceName(source)} (${code ?? message.split('\n')[0] ?? 'no reason given'}).`,
    hint: isTrust
      ? 'Give the certificate of its authority by drivers.caFile of the configuration.'
      : 'Check the address, and the proxy in drivers.proxy where there has to be one.',
    cause: error,
  });
}
