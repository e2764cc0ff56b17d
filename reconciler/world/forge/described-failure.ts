import { errors } from 'undici';
import type { Asked } from './described-answer.ts';
import { ForgeError } from './errors.ts';

const TLS = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO|ERR_SSL/;

/** What a failed connection means; undefined where it is not about the network. */
export function describeFailure({ forge, host }: Asked, failed: unknown): ForgeError | undefined {
  // Not as Octokit hands it on, with all of the request.
  const error = coded(failed) ?? failed;
  const unreachable = (why: string, hint: string, cause?: unknown): ForgeError =>
    new ForgeError('FORGE_UNREACHABLE', `${forge} at ${host} cannot be reached: ${why}.`, { hint, cause });
  if (isCausedBy(error, errors.HTTPParserError)) {
    // Not kept as the cause: it quotes the answer.
    return new ForgeError('FORGE_ANSWER', `${host} answers, but not by HTTP.`, {
      hint: 'Check the port of forge.url, and whether it should begin with https://.',
    });
  }
  const byProxy = /Proxy response \((\d+)\)/.exec(wordsOf(error))?.[1];
  if (byProxy !== undefined) {
    return unreachable(
      `the proxy does not let us through (${byProxy})`,
      'Check HTTPS_PROXY and what the proxy allows, or add the host to NO_PROXY.',
    );
  }
  const { code } = error as { code?: string };
  if (code === undefined) return undefined;
  if (TLS.test(code)) {
    return unreachable(
      `its certificate is not trusted (${code})`,
      'Configure the CA that signed it as forge.caFile, or have the server send a valid certificate.',
      error,
    );
  }
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable('it refuses connections', 'Is it running, and is this its port?', error);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        'its name is not known',
        'Check the spelling in forge.url, and the name service.',
        error,
      );
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return unreachable(
        'it does not answer',
        'Check forge.url and the network: a firewall or a proxy may be in between.',
        error,
      );
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_ABORTED':
      return unreachable('the connection was cut', 'It is asked again later.', error);
    default:
      return unreachable(`the connection failed (${code})`, 'It is asked again later.', error);
  }
}

function isCausedBy(error: unknown, type: abstract new (...args: never[]) => Error): boolean {
  if (error instanceof type) return true;
  return error instanceof Error && isCausedBy(error.cause, type);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${wordsOf(error.cause)}` : '';
}

/** The error, or what it was caused by, that has Node's or undici's code. */
function coded(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return typeof (error as { code?: unknown }).code === 'string' ? error : coded(error.cause);
}
