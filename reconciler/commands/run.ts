import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { Program } from '../program.ts';
import { Schedule } from '../unattended/schedule.ts';
import { startServer } from '../world/server/http-server.ts';
import { passConfig } from './pass-config.ts';
import { reconcileCommand } from './reconcile.ts';

/** Runs passes until the process is asked to end; exits 0 then. */
export async function runCommand(
  { once, flags }: Extract<Command, { verb: 'run' }>,
  program: Program,
): Promise<ExitCode> {
  if (once) return await reconcileCommand({ verb: 'reconcile', output: 'text', flags }, program);
  const { log } = program;
  const stop = program.stopSignal();
  const config = await program.config(flags);

  await using duty = await program.duty(config);
  const schedule = new Schedule(duty, passConfig(config, program), config.run);
  const server = await startServer({
    ...address(config.run.listen),
    health: () => schedule.health(),
    ready: () => schedule.waitsFor(),
    metrics: duty.metrics.registry,
    log,
  });
  log.info({ cluster: config.cluster, listen: server.url, version: program.version }, 'Started');
  stop.addEventListener('abort', () => log.info({}, 'Stopping'), { once: true });
  try {
    await schedule.run(stop);
    log.info({}, 'Stopped');
    return 0;
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
