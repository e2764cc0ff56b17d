import { SWITCHED } from './answer-to.ts';
import type { Trouble } from './download-error.ts';

/** How the codes of OpenSSL and Node begin, or what they have in them, that are about certificates. */
const UNTRUSTED = /^ERR_OSSL_|CERT|SELF_SIGNED|UNABLE_TO|ISSUER|SIGNATURE|^ERR_TLS_/;

/** What it means that a request failed before it was answered. */
export function connectionTrouble(error: unknown): Trouble {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === SWITCHED) return { is: 'switched' };
  if (/^ERR_SSL_|^EPROTO$/.test(code)) return { is: 'no-tls', reason: code };
  if (UNTRUSTED.test(code)) return { is: 'untrusted', reason: code };
  return { is: 'unreachable', reason: reasonOf(error) };
}

/** What an error of a connection says, in few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('HPE_') === true) return 'no HTTP that is understood';
  return code ?? (message.replace(/\.$/, '').slice(0, 200) || 'no reason is told');
}
