import { inspect } from 'node:util';
import { parseCommand } from './args.ts';
import { demoCommand } from './commands/demo.ts';
import { driversCommand } from './commands/drivers.ts';
import { explainCommand } from './commands/explain.ts';
import { explainFieldCommand } from './commands/explain-field.ts';
import { installCommand } from './commands/install.ts';
import { planCommand } from './commands/plan.ts';
import { preflightCommand } from './commands/preflight.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { resumeCommand, suspendCommand } from './commands/suspend.ts';
import { uninstallCommand } from './commands/uninstall.ts';
import { validateCommand } from './commands/validate.ts';
import { plainMark } from './core/plan/mark.ts';
import { hideInText } from './core/plan/secret-text.ts';
import { explain, ReconcilerError } from './errors.ts';
import { helpText } from './help.ts';
import type { Program } from './program.ts';

/** Exit codes follow diff(1): 0 nothing to report, 1 something to look at, 2 trouble. */
export type ExitCode = 0 | 1 | 2;

/** Runs the command that `argv` (without node and script) asks for, and gives the exit code: 130 for a demo cut short. */
export async function cli(argv: readonly string[], program: Program): Promise<number> {
  const { console } = program;
  try {
    const command = parseCommand(argv);
    switch (command.verb) {
      case 'help':
        console.print(helpText(command.topic));
        return 0;
      case 'version':
        console.print(`weka-gitops ${program.version}\n`);
        return 0;
      case 'validate':
        return await validateCommand(command, program);
      case 'explain-field':
        return explainFieldCommand(command, program);
      case 'explain':
        return await explainCommand(command, program);
      case 'plan':
        return await planCommand(command, program);
      case 'reconcile':
        return await reconcileCommand(command, program);
      case 'status':
        return await statusCommand(command, program);
      case 'run':
        return await runCommand(command, program);
      case 'suspend':
        return await suspendCommand(command, program);
      case 'resume':
        return await resumeCommand(command, program);
      case 'preflight':
        return await preflightCommand(command, program);
      case 'install':
        return await installCommand(command, program);
      case 'uninstall':
        return await uninstallCommand(command, program);
      case 'drivers':
        return await driversCommand(command, program);
      case 'demo':
        return await demoCommand(command, program);
    }
  } catch (error) {
    const text = error instanceof ReconcilerError ? explain(error) : inspect(error);
    console.complain(`weka-gitops: ${hideInText(text, plainMark, 'sentence')}\n`);
    return 2;
  }
}
