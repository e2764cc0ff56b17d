import * as z from 'zod';
import { driverTargetFields } from '../../schemas/drivers/target.ts';
import { BuildSettingsError } from './errors.ts';

/** What a builder is to build, and where it brings it. */
export interface BuildSettings {
  readonly version: string;
  /** Release of the kernel that the pod was made for. */
  readonly expectedKernel?: string;
  /** Whether that may be one which the node has headers of, and has not booted yet. */
  readonly isAhead?: true;
  /** Unset: it is found. */
  readonly buildId?: string;
  /** Text of a script that bash runs before the build. */
  readonly preRunScript?: string;
  /** More arguments of `make`. */
  readonly extraBuildArgs: readonly string[];
  readonly timeoutMs: number;
  /** Socket of what keeps the key that modules are signed with; they are not where unset. */
  readonly signing?: string;
  /** Folder of sources; the usual one where unset. */
  readonly source?: string;
  readonly upload: { readonly url: string; readonly serverName?: string };
}

export type Environment = Readonly<Record<string, string | undefined>>;

// No program can be given more, nor the character that ends an argument.
const ARGUMENT = z
  .string()
  .max(4096)
  .regex(/^[^\0]*$/, 'is no argument of a program');

/** An hour more than a day is no time for a build. */
const MAX_TIMEOUT_SECONDS = 90_000;

/** The settings in the environment of a builder's pod. */
export function readBuildSettings(env: Environment): BuildSettings {
  const expectedKernel = optional(env, 'EXPECTED_KERNEL', driverTargetFields.kernel);
  const isAhead = optional(env, 'BUILD_AHEAD', z.enum(['true', 'false']));
  const buildId = optional(env, 'DRIVERS_BUILD_ID', driverTargetFields.version);
  const script = optional(env, 'PRE_RUN_SCRIPT', z.base64('is no base64'));
  const signing = optional(env, 'SIGNING_SOCKET', z.string().startsWith('/', 'is no whole path'));
  const source = optional(env, 'DRIVER_SOURCE', z.string().startsWith('/', 'is no whole path'));
  const seconds = optional(env, 'BUILD_TIMEOUT_SECONDS', z.coerce.number().min(1).max(MAX_TIMEOUT_SECONDS));
  return {
    version: versionOf(env),
    ...(expectedKernel === undefined ? {} : { expectedKernel }),
    ...(isAhead === 'true' ? { isAhead: true } : {}),
    ...(buildId === undefined || buildId === 'auto' ? {} : { buildId }),
    ...(script === undefined ? {} : { preRunScript: Buffer.from(script, 'base64').toString('utf8') }),
    extraBuildArgs: jsonSetting(env, 'EXTRA_BUILD_ARGS', z.array(ARGUMENT).max(256)) ?? [],
    timeoutMs: (seconds ?? 1800) * 1000,
    ...(signing === undefined ? {} : { signing }),
    ...(source === undefined ? {} : { source }),
    upload: readUpload(env),
  };
}

/** The version of WEKA: as it is told, or the tag of the image. */
function versionOf(env: Environment): string {
  const version = optional(env, 'WEKA_VERSION', driverTargetFields.version);
  if (version !== undefined) return version;
  const [, tag] = /:([^/:@]+)(?:@[^@]*)?$/.exec(env['IMAGE_NAME'] ?? '') ?? [];
  const parsed = driverTargetFields.version.safeParse(tag);
  if (parsed.success) return parsed.data;
  throw new BuildSettingsError('The pod is not told which version of WEKA its drivers are for.', {
    hint: 'Set WEKA_VERSION, or give the image a tag that is the version.',
  });
}

function readUpload(env: Environment): BuildSettings['upload'] {
  const url = optional(env, 'UPLOAD_URL', z.string().regex(/^https?:\/\/[^\s/]+/, 'is no address'));
  if (url === undefined) {
    throw new BuildSettingsError('The pod is not told which distribution service gets the package.', {
      hint: 'Set UPLOAD_URL to the address of the service, as https://10.0.0.7:60002.',
    });
  }
  const serverName = optional(env, 'UPLOAD_SERVER_NAME', z.string().max(253));
  return { url, ...(serverName === undefined ? {} : { serverName }) };
}

/** A setting in JSON; undefined where it is unset or empty. */
export function jsonSetting<Schema extends z.ZodType>(
  env: Environment,
  name: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BuildSettingsError(`${name} of the pod is no JSON.`, { cause });
  }
  return checked(name, schema, value);
}

function optional<Schema extends z.ZodType>(
  env: Environment,
  name: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const text = env[name];
  return text === undefined || text === '' ? undefined : checked(name, schema, text);
}

/** What is wrong is told by the place and never by the value, which may be a script's. */
function checked<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message = 'is not as it has to be', path = [] } = parsed.error.issues[0] ?? {};
  const at = path.length === 0 ? '' : ` at ${path.map(String).join('.')}`;
  throw new BuildSettingsError(`${name} of the pod cannot be used${at}: ${message}.`, {
    hint: `Correct the field of the manifest that ${name} is made of.`,
  });
}
