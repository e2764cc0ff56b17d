import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { reportOutput } from '../core/report/json.ts';
import { reportHtml } from '../core/report/html.ts';
import { reportMarkdown } from '../core/report/markdown.ts';
import { isClean } from '../core/report/report.ts';
import { reportText } from '../core/report/terminal.ts';
import { explain } from '../errors.ts';
import type { Program } from '../program.ts';
import { reconcile } from '../reconcile.ts';
import { fenced } from '../world/lease/fenced.ts';
import { passConfig } from './pass-config.ts';
import { render } from './render.ts';

/** One pass. Exits 1 where something that was asked for is not done, 2 where it could not be told on the status branch. */
export async function reconcileCommand(
  command: Extract<Command, { verb: 'reconcile' }>,
  program: Program,
): Promise<ExitCode> {
  const { clock, log, console } = program;
  const signal = program.stopSignal();
  const config = await program.config(command.flags);
  const repository = program.repository(config);
  const statusBranch = program.statusBranch(config);

  await using lease = await program.lease(config);
  await using cluster = await program.cluster(config, lease);
  const ports = { repository, cluster: fenced(cluster, lease), statusBranch, clock, log };
  const { report, published, trouble } = await reconcile(ports, passConfig(config, program), {
    signal,
    claim: () => lease.acquireUnlessHeld(signal),
    planDigest: command.planDigest,
  });
  render(
    reportOutput(report),
    command.output,
    { text: reportText, markdown: reportMarkdown, html: reportHtml },
    console,
  );

  for (const error of trouble) {
    console.complain(`weka-gitops: What is told above was done, but then:\n${explain(error)}\n`);
  }
  if ('error' in published) {
    console.complain(`weka-gitops: The pass is done, but could not be told on ${published.ref}.\n`);
    console.complain(`${explain(published.error)}\n`);
    return 2;
  }
  if (published.commit !== undefined) {
    log.info({ ref: published.ref, commit: published.commit }, 'Wrote the status branch');
  }
  if (trouble.length > 0) return 2;
  return isClean(report) ? 0 : 1;
}
