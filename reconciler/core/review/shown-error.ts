import { withoutSecrets } from '../report/last-net.ts';
import type { ToldError } from './told.ts';

/** A failure as it may be shown: of an Error itself the message would be left out where its fields are copied. */
export function shownError({ code, message, hint }: ToldError): ToldError {
  return withoutSecrets({ code, message, ...(hint === undefined ? {} : { hint }) });
}
