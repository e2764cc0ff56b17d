import type { Config } from './config/config.ts';
import { forgePlace, readForgeLogin } from './config/forge-login.ts';
import type { Process } from './open-parts.ts';
import type { ForgeOptions, OpenedForge } from './world/forge/open-forge.ts';
import { fixedSecret, secretsInFile } from './world/forge/webhook-secrets.ts';
import type { WebhookOptions } from './world/forge/webhook.ts';
import type { HttpReceiver } from './world/notify/http-receiver.ts';
import type { SteadyTime } from './world/steady-time.ts';

/** What requests to a forge go by; unset, the machine's own time and the client's own paces. */
export interface ForgePaces extends Pick<ForgeOptions, 'retries' | 'retryMs'> {
  readonly time?: SteadyTime;
}

/** The forge that the configuration names; undefined where it names none. What serves it is loaded only then. */
export async function openForgeOf(
  config: Config,
  process: Process,
  { time, ...paces }: ForgePaces = {},
): Promise<OpenedForge | undefined> {
  const { forge, repository } = config;
  if (forge === undefined) return undefined;
  const configured = { forge, repository };
  const { openForge } = await import('./world/forge/open-forge.ts');
  return await openForge({
    ...forgePlace(configured),
    userAgent: `weka-gitops/${process.version}`,
    credentials: () => readForgeLogin(configured, process),
    proxyEnv: process.env,
    log: process.log,
    ...paces,
    ...(time === undefined ? {} : { time }),
  });
}

/** Whose deliveries are heard; undefined where there is no forge, or no secret that could sign them. */
export function webhookOf(
  { forge, repository }: Config,
  { env, log }: Process,
): Pick<WebhookOptions, 'secrets' | 'repository'> | undefined {
  if (forge === undefined) return undefined;
  const { webhookSecretFile: file } = forge;
  const secret = env['WEKA_GITOPS_WEBHOOK_SECRET'];
  if (!secret && file === undefined) return undefined;
  const secrets = secret || file === undefined ? fixedSecret(secret ?? '') : secretsInFile(file, { log });
  return { secrets, repository: forgePlace({ forge, repository }).repository };
}

/** Those who are told besides. */
export async function receiversOf(
  { notifications }: Config,
  { env, version }: Process,
): Promise<readonly HttpReceiver[]> {
  if (notifications.length === 0) return [];
  const { HttpReceiver: Receiver } = await import('./world/notify/http-receiver.ts');
  return notifications.map(
    ({ kind, urlFile, secretFile, on }, index) =>
      new Receiver({
        kind,
        name: `notifications[${index}]`,
        on,
        urlFile,
        secretFile,
        userAgent: `weka-gitops/${version}`,
        proxyEnv: env,
      }),
  );
}
