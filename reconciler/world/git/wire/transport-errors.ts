import { errors } from 'undici';
import { parseRetryAfter } from '../../../core/schedule/backoff.ts';
import { GitError } from '../errors.ts';

/** What a status other than 200 means. The answer's body is not shown: it may be a web page, or echo a credential. */
export function describeStatus(
  url: string,
  status: number,
  username: string | undefined,
  retryAfter: string | undefined,
): GitError {
  const retryAfterMs = parseRetryAfter(retryAfter, new Date());
  switch (status) {
    case 401:
      return username === undefined
        ? new GitError('REPOSITORY_AUTH', `${url} asks for credentials, and none are configured.`, {
            hint: 'Set WEKA_GITOPS_TOKEN, or WEKA_GITOPS_USERNAME and WEKA_GITOPS_PASSWORD.',
          })
        : new GitError('REPOSITORY_AUTH', `${url} refuses the credentials of ${who(username)}.`, {
            hint: 'The password or token is wrong, has expired or was revoked: configure a new one.',
          });
    case 403:
      return new GitError('REPOSITORY_AUTH', `${url} forbids this to ${who(username)}.`, {
        hint: 'Give it access to the repository: reading for the specs, pushing for the status branch.',
      });
    case 404:
    case 410:
      const message = `There is no repository at ${url} that ${who(username)} may see.`;
      return new GitError('REPOSITORY_NOT_FOUND', message, {
        hint: 'Check the address. Many servers also say so when the credentials may not see a private repository.',
      });
    case 429:
      return new GitError('REPOSITORY_UNREACHABLE', `${url} has had too many requests (429).`, {
        retryAfterMs,
        hint: 'It is asked again in the next pass; a longer interval between polls helps.',
      });
    default:
      return new GitError('REPOSITORY_UNREACHABLE', `${url} answers with status ${status}.`, {
        retryAfterMs,
        hint:
          status >= 500
            ? 'The server has trouble of its own; it is asked again in the next pass.'
            : 'Check that this is the address that `git clone` takes.',
      });
  }
}

function who(username: string | undefined): string {
  if (username === undefined) return 'somebody without credentials';
  return username === '' ? 'a user without a name' : `user ${username}`;
}

/** What a failed connection means. A GitError and anything that is not about the network come back as they are. */
export function describeFailure(url: string, error: unknown): unknown {
  if (error instanceof GitError || !(error instanceof Error)) return error;
  if (error instanceof errors.HTTPParserError) {
    // Not kept as the cause: it quotes the answer, which may echo a credential.
    return new GitError('REPOSITORY_UNREACHABLE', `${url} answers, but not by HTTP.`, {
      hint: 'Check the port, and whether the address should begin with https://.',
    });
  }
  const code = codeOf(error);
  if (code === undefined) return error;
  const { hostname, host } = new URL(url);
  const unreachable = (message: string, hint: string) =>
    new GitError('REPOSITORY_UNREACHABLE', `${url} cannot be reached: ${message}.`, { hint, cause: error });

  if (TLS.test(code)) {
    return unreachable(
      `the certificate of ${hostname} is not trusted (${code})`,
      'Configure the CA that signed it as repository.caFile, or have the server send a valid certificate.',
    );
  }
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(`${host} refuses connections`, 'Is the server running, and is this its port?');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(`the name ${hostname} is not known`, 'Check the spelling, and the name service.');
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return new GitError('REPOSITORY_TIMEOUT', `${url} cannot be reached: ${host} does not answer.`, {
        hint: 'Check the address and the network: a firewall or a proxy may be in between.',
        cause: error,
      });
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_ABORTED':
      return unreachable('the connection was cut', 'It is tried again in the next pass.');
    default:
      return unreachable(`the connection failed (${code})`, 'It is tried again in the next pass.');
  }
}

const TLS = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO|ERR_SSL/;

/** Node's or undici's code, here or on what this was caused by. */
function codeOf(error: Error): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause instanceof Error ? codeOf(cause) : undefined;
}
