import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import type { Address } from '../args/command.ts';
import type { Log } from '../log.ts';
import { STEADY_TIME } from '../time.ts';
import { answerRequest } from './answer-request.ts';
import { bothProtocols } from './both-protocols.ts';
import { Connections, type ConnectionsOptions, IDLE_MS } from './connections.ts';
import { DistAddressError } from './errors.ts';
import { Metrics } from './metrics.ts';
import { PackageStore } from './package-store.ts';
import type { Pace } from './send-file.ts';
import { followCertificate, TLS_OPTIONS } from './server-certificate.ts';
import type { Service } from './service.ts';
import { forgetFailedVerification } from './uploader.ts';

const LIMITS: ServerOptions = {
  maxHeaderSize: 8192,
  keepAliveTimeout: IDLE_MS,
  // Nothing but what is on the disk is waited for, and that is hashed before it is sent.
  requestTimeout: 0,
  headersTimeout: 0,
};
/** A connection that is being answered, and on which nothing moves. */
const SILENT_MS = 60_000;
const VERIFY_EVERY_MS = 24 * 60 * 60_000;
/** What is on its way is given so long to end. */
const STOP_WITHIN_MS = 60_000;

export interface DistOptions {
  readonly folder: string;
  readonly tls: string;
  /** File that says which packages are in use. */
  readonly inUse: string;
  /** Every address where unset. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly budgetBytes?: number | undefined;
  readonly log: Log;
  /** How often it is looked whether there is another certificate. */
  readonly lookEveryMs?: number;
  readonly connections?: Partial<ConnectionsOptions>;
  /** The least that who reads has to take. */
  readonly pace?: Pace;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface RunningDist {
  readonly address: Address;
  /** Lets end what is on its way, within a minute or so long. */
  stop(withinMs?: number): Promise<void>;
}

/** Serves packages until it is stopped. Throws a ReconcilerError where the folder or the address cannot be used. */
export async function startDist(options: DistOptions): Promise<RunningDist> {
  const { folder, tls, inUse, log, budgetBytes } = options;
  const store = await PackageStore.open({ folder, inUse, budgetBytes, log });
  const connections = new Connections({ now: () => STEADY_TIME.now(), ...options.connections });
  const stopping = new AbortController();
  const service: Service = {
    store,
    metrics: new Metrics(),
    log,
    uploads: { count: 0 },
    isStopping: () => stopping.signal.aborted,
    connections,
    pace: options.pace,
    now: options.now ?? Date.now,
  };
  const answer: RequestListener = (request, response) => {
    connections.begin(request, response, () => {
      answerRequest(service, request, response).catch((error: unknown) => {
        log.warn({ url: request.url, reason: inspect(error) }, 'Could not answer a request');
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { connection: 'close' }).end();
      });
    });
  };
  const plain = createHttp(LIMITS, answer).on('checkContinue', answer);
  const secure = createHttps({ ...LIMITS, ...TLS_OPTIONS }, answer).on('checkContinue', answer);
  secure.on('connection', (socket: Socket) => connections.secure(socket));
  secure.on('secureConnection', forgetFailedVerification);
  for (const server of [plain, secure]) server.timeout = SILENT_MS;
  const unfollow = await followCertificate(
    secure,
    tls,
    log,
    () => connections.closeSecure(),
    options.lookEveryMs,
  );
  const server = bothProtocols(plain, secure, (socket) => connections.add(socket));
  const { host, port } = options;
  try {
    await once(server.listen({ port, ...(host === undefined ? {} : { host }) }), 'listening');
  } catch (error) {
    throw new DistAddressError(`${host ?? '*'}:${port}`, error);
  }
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.warn({ reason: error.code ?? error.message }, 'Cannot take connections');
  });
  const verifying = setInterval(() => void verify(), VERIFY_EVERY_MS).unref();
  const verify = async () => {
    await store.verifyAll(stopping.signal).catch((error: unknown) => {
      log.warn({ reason: inspect(error) }, 'Could not hash the packages');
    });
  };
  void verify();
  const { address, port: bound } = server.address() as AddressInfo;
  log.info({ folder, address, port: bound, packages: store.count, bytes: store.bytes }, 'Serves packages');
  return {
    address: { host: address, port: bound },
    async stop(withinMs = STOP_WITHIN_MS) {
      stopping.abort();
      clearInterval(verifying);
      unfollow();
      server.close();
      await connections.stop(withinMs);
      await store.close();
    },
  };
}
