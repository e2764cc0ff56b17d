import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** GitHub's name for its signature, which Gitea and Forgejo send too, and their own names for the same digits. */
const GITHUB = 'x-hub-signature-256';
const OWN = ['x-gitea-signature', 'x-forgejo-signature'];

/** The HMAC-SHA256 that a delivery claims to have, in hexadecimal digits; undefined where it claims none that could be one. */
export function claimedSignature(headers: IncomingHttpHeaders): string | undefined {
  const github = headers[GITHUB];
  const digits =
    typeof github === 'string'
      ? /^sha256=(.*)$/.exec(github)?.[1]
      : OWN.map((name) => headers[name]).find((value) => value !== undefined);
  return typeof digits === 'string' && /^[0-9a-f]{64}$/i.test(digits) ? digits.toLowerCase() : undefined;
}

/** Whether one of the secrets signed these bytes. How long it takes tells nothing of how much of a signature was right. */
export function isSigned(body: Uint8Array, claimed: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(claimed, 'hex');
  let isRight = false;
  for (const secret of secrets) {
    const own = createHmac('sha256', secret).update(body).digest();
    // All are compared, so that nobody learns which one was meant.
    isRight = timingSafeEqual(own, given) || isRight;
  }
  return isRight;
}
