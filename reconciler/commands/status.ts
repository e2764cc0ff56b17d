import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { statusOutput } from '../core/report/json.ts';
import { statusMarkdown } from '../core/report/markdown.ts';
import { recordedStatus } from '../core/report/status-page.ts';
import { statusText } from '../core/report/terminal.ts';
import type { Program } from '../program.ts';
import { assess } from '../reconcile.ts';
import { passConfig } from './pass-config.ts';
import { render } from './render.ts';

/** Shows how the cluster stands against the repository, and the last pass. Exits 1 where it is not as it should be. */
export async function statusCommand(
  command: Extract<Command, { verb: 'status' }>,
  program: Program,
): Promise<ExitCode> {
  const config = await program.config(command.flags);
  const repository = program.repository(config);

  await using cluster = await program.cluster(config);
  const [{ assessment }, tip] = await Promise.all([
    assess((lastCommit) => repository.read(lastCommit), cluster, passConfig(config, program)),
    program.statusBranch(config)?.read(),
  ]);
  const status = statusOutput(assessment, program.clock.now(), recordedStatus(tip?.files ?? []));
  render(status, command.output, { text: statusText, markdown: statusMarkdown }, program.console);
  return status.clean ? 0 : 1;
}
