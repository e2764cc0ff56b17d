import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { explanationMarkdown } from '../core/report/explanation-markdown.ts';
import { explanationText } from '../core/report/explanation-text.ts';
import { escapedJson } from '../core/report/json.ts';
import { checkedTarget, explainQuestion } from '../explain-question.ts';
import type { Program } from '../program.ts';
import type { Explanation } from '../../schemas/output/explanation.ts';
import { worktreeHistory } from '../world/git/history/worktree-history.ts';
import { passConfig } from './pass-config.ts';
import { originOf } from './plan.ts';

type ExplainCommand = Extract<Command, { verb: 'explain' }>;

/** Says why an object, a field, a node, a drive or a container is as it is. Exits 0 where there is such a thing. */
export async function explainCommand(command: ExplainCommand, program: Program): Promise<ExitCode> {
  // What cannot be a target is told before anything is read.
  checkedTarget(command.target);
  const config = await program.config(command.flags);
  const { worktree } = command;
  const settings = { ...passConfig(config, program), ...(worktree === undefined ? {} : { ref: 'worktree' }) };

  await using cluster = await program.cluster(config);
  await using registry = program.registry(config);
  const ports = {
    cluster,
    clock: program.clock,
    facts: () => program.facts(config),
    node: (name: string) => program.node(config, name),
    ...(worktree === undefined ? {} : { history: () => worktreeHistory(worktree) }),
  };
  print(
    await explainQuestion(command, originOf(worktree, config, program), ports, settings, { registry }),
    command,
    program,
  );
  return 0;
}

function print(explanation: Explanation, { output }: ExplainCommand, { console }: Program): void {
  switch (output) {
    case 'text':
      console.print(explanationText(explanation, console));
      break;
    case 'markdown':
      console.print(explanationMarkdown(explanation));
      break;
    case 'json':
      console.print(`${escapedJson(explanation)}\n`);
      break;
  }
}
