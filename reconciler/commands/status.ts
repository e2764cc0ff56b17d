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
  await using registry = program.registry(config);
  const [{ assessment }, recorded, nodes] = await Promise.all([
    assess((lastCommit) => repository.read(lastCommit), cluster, passConfig(config, program), {
      registry,
      now: program.clock.now(),
    }),
    readRecorded(program.statusBranch(config)),
    troubleOr(cluster.seeNodes()),
  ]);
  const previous = recorded instanceof ReconcilerError ? undefined : recorded;
  const seen =
    nodes === undefined || nodes instanceof ReconcilerError ? assessment : { ...assessment, nodes };
  const status = statusOutput(seen, program.clock.now(), previous);
  render(
    status,
    command.output,
    { text: statusText, markdown: statusMarkdown, html: statusHtml },
    program.console,
  );
  const complain = (trouble: unknown, words: string): boolean => {
    if (!(trouble instanceof ReconcilerError)) return false;
    program.console.complain(`weka-gitops: ${words}\n${explain(trouble)}\n`);
    return true;
  };
  const isPart = [
    complain(recorded, 'The status branch could not be read, so the last pass is not shown.'),
    complain(nodes, 'The nodes could not be read, so what their agents report is not shown.'),
  ].includes(true);
  if (isPart) return 2;
  return status.clean ? 0 : 1;
}

/** What the branch tells. It is a record and no authority, so a failure of it hides nothing that the cluster says. */
async function readRecorded(branch: StatusBranch | undefined): Promise<Status | undefined | ReconcilerError> {
  return await troubleOr(branch?.read().then((read) => recordedStatus(read?.files ?? [])));
}

async function troubleOr<Result>(
  work: Promise<Result> | undefined,
): Promise<Result | undefined | ReconcilerError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ReconcilerError) return error;
    throw error;
  }
}
