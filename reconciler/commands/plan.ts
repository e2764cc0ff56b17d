import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { Config } from '../config/config.ts';
import { forecast } from '../core/forecast/forecast.ts';
import { planOutput } from '../core/report/json.ts';
import { planHtml } from '../core/report/html.ts';
import { planMarkdown } from '../core/report/markdown.ts';
import { hasWork } from '../core/report/report.ts';
import { planText } from '../core/report/terminal.ts';
import { sha256Hex } from '../core/kube/hash.ts';
import type { CommitSha, Snapshot } from '../ports.ts';
import type { Program } from '../program.ts';
import { assess, type Origin, proved } from '../assess.ts';
import { readWorktreeSources } from '../world/sources/worktree-sources.ts';
import { passConfig } from './pass-config.ts';
import { postPlan } from './post-plan.ts';
import { render } from './render.ts';

/** Shows what a pass would change, proved by the API server. Exits 1 where there is something to look at. */
export async function planCommand(
  command: Extract<Command, { verb: 'plan' }>,
  program: Program,
): Promise<ExitCode> {
  const config = await program.config(command.flags);
  const { worktree, pullRequest } = command;
  if (pullRequest !== undefined) return await postPlan(pullRequest, config, program);
  const origin = originOf(worktree, config, program);
  const settings = { ...passConfig(config, program), ...(worktree === undefined ? {} : { ref: 'worktree' }) };

  await using cluster = await program.cluster(config);
  await using registry = program.registry(config);
  const pass = await assess(origin, cluster, settings, { registry, now: program.clock.now() });
  const assessment = await proved(pass, cluster);
  const ahead = command.forecast ? forecast(pass.input, assessment.changes) : undefined;
  render(
    planOutput(assessment, ahead),
    command.output,
    { text: planText, markdown: planMarkdown, html: planHtml },
    program.console,
  );
  return hasWork(assessment) ? 1 : 0;
}

/** The configured repository, or the files of a folder that nobody has committed yet. */
export function originOf(worktree: string | undefined, config: Config, program: Program): Origin {
  if (worktree !== undefined) return () => snapshotOf(worktree, config);
  const repository = program.repository(config);
  return (lastCommit) => repository.read(lastCommit);
}

/** Files that nobody has committed yet. A hash of them stands where a commit would. */
async function snapshotOf(folder: string, config: Config): Promise<Snapshot> {
  const { files, findings } = await readWorktreeSources(folder, config.repository?.path ?? '', config);
  const content = files.map((file) => `${file.path}\0${Buffer.from(file.content).toString('base64')}`);
  const commit = sha256Hex(content.join('\n')).slice(0, 40) as CommitSha;
  return { commit, author: '', subject: 'not committed yet', files, findings };
}
