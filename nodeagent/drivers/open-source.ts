import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { DriverSource } from '../../schemas/node/drivers.ts';
import { DRIVERS_PATH } from '../../schemas/drivers/package.ts';
import { answerTo } from '../download/answer-to.ts';

/** From where on a file is asked for, and of which version of it; all of it where unset. */
export interface Rest {
  readonly offset: number;
  readonly etag: string;
}

/**
 * Asks a source for a file, and gives its answer whatever that is. Certificates have to verify. No redirect is followed: whom to
 * ask is for the intent to say.
 */
export async function openSource(
  source: DriverSource,
  file: string,
  rest: Rest | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { protocol, hostname, port, pathname } = new URL(source.url);
  const path = `${pathname.replace(/\/+$/, '')}${DRIVERS_PATH}/${encodeURIComponent(file)}`;
  const isTls = protocol === 'https:';
  const options = {
    // Of an address by six numbers, the brackets are for the URL alone.
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    path,
    agent: false as const,
    signal,
    headers: {
      accept: 'application/octet-stream, */*;q=0.1',
      'accept-encoding': 'identity',
      ...(rest === undefined ? {} : { range: `bytes=${rest.offset}-`, 'if-range': rest.etag }),
    },
    ...(isTls ? trustOf(source) : {}),
  };
  const request = isTls ? httpsRequest(options) : httpRequest(options);
  const answer = answerTo(request, signal);
  request.end();
  return await answer;
}

function trustOf({ ca, serverName }: DriverSource) {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
