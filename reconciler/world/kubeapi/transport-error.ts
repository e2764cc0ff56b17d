import { type Call, describeTarget } from './call.ts';
import { ApiError } from './errors.ts';

/** What a request that got no answer, or only part of one, failed of. */
export function transportError(call: Call, server: URL, cause: unknown): ApiError {
  const codes = codesOf(cause);
  const has = (...wanted: readonly RegExp[]): boolean =>
    codes.some((code) => wanted.some((pattern) => pattern.test(code)));
  const at = `The API server at ${server.origin}`;
  if (has(UNTRUSTED)) {
    const [code] = codes.filter((candidate) => UNTRUSTED.test(candidate));
    return new ApiError(
      'API_UNTRUSTED',
      `${at} cannot be trusted: ${TRUST[code ?? ''] ?? `TLS says ${code}`}.`,
      {
        cause,
        hint: 'Check certificate-authority, tls-server-name and server in the kubeconfig.',
      },
    );
  }
  if (has(NEVER_CONNECTED)) {
    const [code] = codes.filter((candidate) => NEVER_CONNECTED.test(candidate));
    return new ApiError('API_UNREACHABLE', `${at} cannot be reached: ${WHY[code ?? ''] ?? code}.`, {
      cause,
      hint: 'Check the address in the kubeconfig, the network, and whether the API server runs.',
    });
  }
  return new ApiError('API_UNAVAILABLE', `${describeTarget(call.path)}: the connection was cut.`, { cause });
}

/** Nothing was sent, so trying again repeats nothing. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_CONN|UND_ERR_ABORTED)$/;

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_PRX_CONN: 'the proxy closed the connection',
  UND_ERR_ABORTED: 'the proxy does not let us through',
};

const UNTRUSTED =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE|UND_ERR_PRX_TLS)/;

const TRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an authority that we do not know',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that we do not know',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by an authority that we do not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that we do not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that we do not know',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the authority that we know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** An error wraps another, or several: one for each address that was tried. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as NodeJS.ErrnoException;
  const within = error instanceof AggregateError ? error.errors : [error.cause];
  return [...(typeof code === 'string' ? [code] : []), ...within.flatMap(codesOf)];
}
