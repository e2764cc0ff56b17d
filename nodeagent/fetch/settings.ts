import * as z from 'zod';
import { DriverPackage } from '../../schemas/drivers/package.ts';
import { FetchError } from './errors.ts';

export interface FetchSettings {
  /** Where the package is. */
  readonly url: string;
  readonly package: DriverPackage;
  readonly uploadUrl: string;
  readonly uploadServerName?: string;
  /** Certificates, in PEM, that vouch for the registry, besides those that Node knows. */
  readonly ca?: string;
  /** Addresses at or below which the registry may lead elsewhere, besides its own host. */
  readonly within: readonly string[];
}

const Url = z.string().regex(/^https?:\/\/[^\s/]+/);
const Json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('is no JSON');
    return z.NEVER;
  }
});
const Settings = z.object({
  FETCH_URL: Url,
  FETCH_PACKAGE: Json.pipe(DriverPackage),
  UPLOAD_URL: Url,
  UPLOAD_SERVER_NAME: z.string().optional(),
  FETCH_CA: z.string().optional(),
  FETCH_WITHIN: Json.pipe(z.array(z.string())).optional(),
});

/** What a pod is told of what it shall fetch. An address may hold a password, so no value is repeated. */
export function readFetchSettings(env: Readonly<Record<string, string | undefined>>): FetchSettings {
  const parsed = Settings.safeParse(env);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? 'The environment';
    throw new FetchError('FETCH_SETTINGS', `${where} of the pod is missing, or not as it has to be.`);
  }
  const { FETCH_URL, FETCH_PACKAGE, UPLOAD_URL, UPLOAD_SERVER_NAME, FETCH_CA, FETCH_WITHIN } = parsed.data;
  return {
    url: FETCH_URL,
    package: FETCH_PACKAGE,
    uploadUrl: UPLOAD_URL,
    ...(UPLOAD_SERVER_NAME ? { uploadServerName: UPLOAD_SERVER_NAME } : {}),
    ...(FETCH_CA ? { ca: FETCH_CA } : {}),
    within: FETCH_WITHIN ?? [],
  };
}
