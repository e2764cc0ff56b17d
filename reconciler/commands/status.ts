import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { statusOutput } from '../core/report/json.ts';
import { statusHtml } from '../core/report/html.ts';
import { statusMarkdown } from '../core/report/markdown.ts';
import { recordedStatus } from '../core/report/status-page.ts';
import { statusText } from '../core/report/terminal.ts';
import type { Status } from '../../schemas/output/status.ts';
import { explain, ReconcilerError } from '../errors.ts';
import type { StatusBranch } from '../ports.ts';
import type { Program } from '../program.ts';
import { assess } from '../assess.ts';
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
  const [{ assessment }, recorded] = await Promise.all([
    assess((lastCommit) => repository.read(lastCommit), cluster, passConfig(config, program), {
      now: program.clock.now(),
    }),
    readRecorded(program.statusBranch(config)),
  ]);
  const previous = recorded instanceof ReconcilerError ? undefined : recorded;
  const status = statusOutput(assessment, program.clock.now(), previous);
  render(
    status,
    command.output,
    { text: statusText, markdown: statusMarkdown, html: statusHtml },
    program.console,
  );
  if (recorded instanceof ReconcilerError) {
    program.console.complain(
      `weka-gitops: The status branch could not be read, so the last pass is not shown.\n`,
    );
    program.console.complain(`${explain(recorded)}\n`);
    return 2;
  }
  return status.clean ? 0 : 1;
}

/** What the branch tells. It is a record and no authority, so a failure of it hides nothing that the cluster says. */
async function readRecorded(branch: StatusBranch | undefined): Promise<Status | undefined | ReconcilerError> {
  try {
    return recordedStatus((await branch?.read())?.files ?? []);
  } catch (error) {
    if (error instanceof ReconcilerError) return error;
    throw error;
  }
}
