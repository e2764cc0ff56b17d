import type { Config } from '../config/config.ts';
import type { Program } from '../program.ts';
import type { Hint } from '../world/forge/webhook-hint.ts';
import { startServer } from '../world/server/http-server.ts';
import type { Metrics } from '../world/server/metrics.ts';

/** Work that goes on until it is asked to end. */
interface Endless {
  run(stop: AbortSignal): Promise<void>;
  health(): string | undefined;
  waitsFor(): readonly string[];
  /** Hears that something has happened on the forge. */
  hint(hint: Hint): void;
}

interface Served {
  readonly config: Config;
  readonly program: Program;
  readonly metrics: Metrics;
  readonly stop: AbortSignal;
}

/** Does the work, and answers meanwhile how it does; hears the forge where that may call. */
export async function serving({ config, program, metrics, stop }: Served, work: Endless): Promise<void> {
  const { log } = program;
  const webhook = program.webhook(config);
  const server = await startServer({
    ...address(config.run.listen),
    health: () => work.health(),
    ready: () => work.waitsFor(),
    metrics: metrics.registry,
    webhook: webhook && {
      ...webhook,
      hear: (hint) => work.hint(hint),
      observe: (result) => metrics.observeWebhook(result),
    },
    log,
  });
  log.info({ cluster: config.cluster, listen: server.url, version: program.version }, 'Started');
  stop.addEventListener('abort', () => log.info({}, 'Stopping'), { once: true });
  try {
    await work.run(stop);
    log.info({}, 'Stopped');
  } finally {
    await server.close();
  }
}

/** `host:port`, where the host may be empty for any address and an IPv6 one in brackets. */
function address(listen: string): { readonly host: string; readonly port: number } {
  const at = listen.lastIndexOf(':');
  return {
    host: listen.slice(0, at).replace(/^\[|\]$/g, '') || '0.0.0.0',
    port: Number(listen.slice(at + 1)),
  };
}
