/**
 * What hears a webhook, and nothing else: `webhook-server SECRET REPOSITORY` prints where it listens, and ends when its
 * standard input does.
 */
import { fixedSecret } from '../../reconciler/world/forge/webhook-secrets.ts';
import { startServer } from '../../reconciler/world/server/http-server.ts';

/** What it prints, as JSON, once it listens. */
export interface Listening {
  readonly port: number;
}

const [, , secret = '', repository = ''] = process.argv;
const quiet = () => undefined;
let heard = 0;
const { port } = await startServer({
  host: '127.0.0.1',
  port: 0,
  health: () => undefined,
  ready: () => [],
  // How many were heard, to be asked for from outside.
  metrics: { contentType: 'text/plain', metrics: () => Promise.resolve(`${heard}`) },
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  webhook: { secrets: fixedSecret(secret), repository, hear: () => (heard += 1) },
});
const listening: Listening = { port };
console.log(JSON.stringify(listening));
process.stdin.once('end', () => process.exit(0)).resume();
