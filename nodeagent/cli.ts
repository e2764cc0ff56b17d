import { inspect } from 'node:util';
import { explain, ReconcilerError } from '../reconciler/errors.ts';
import type { CommandOf } from './args/command.ts';
import { USAGE } from './args/usage.ts';
import { parseCommand } from './args.ts';
import { abandonLate, nodeOf } from './node-of.ts';
import type { Host } from './host/host.ts';
import { observeNode } from './host/observe-node.ts';
import { nodeReport, packReport } from './node-report.ts';
import { printable } from './printable.ts';
import { reportText } from './report-text.ts';

/** What a command reaches the world through. */
export interface Program {
  readonly version: string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** The host whose root is this folder. */
  readonly openHost: (root: string) => Host;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is aborted when the process is asked to end; whoever asks for it ends by itself then. */
  readonly stopSignal: () => AbortSignal;
  /** Ends the process once all is printed, though something that it asked the host never answers. */
  readonly abandon: () => void;
}

/** Runs the command that `argv` (without node and script) asks for, and gives the exit code: 0, or 2 for trouble. */
export async function cli(argv: readonly string[], program: Program): Promise<0 | 2> {
  try {
    const command = parseCommand(argv);
    switch (command.verb) {
      case 'help':
        program.print(USAGE);
        return 0;
      case 'version':
        program.print(`weka-nodeagent ${program.version}\n`);
        return 0;
      case 'observe':
        await observe(command, program);
        return 0;
      case 'run': {
        // What it speaks to the cluster with is more than all the rest, and only this needs it.
        const { spareMemory } = await import('./run/spare-memory.ts');
        spareMemory();
        const { run } = await import('./run/run.ts');
        await run(command, program);
        return 0;
      }
      case 'drivers': {
        const { drivers } = await import('./drivers/drivers.ts');
        await drivers(command, program);
        return 0;
      }
      case 'dist': {
        const { dist } = await import('./dist/dist.ts');
        await dist(command, program);
        return 0;
      }
      case 'build': {
        const { build } = await import('./build/build.ts');
        return await build(command, program);
      }
      case 'fetch': {
        const { fetch } = await import('./fetch/fetch.ts');
        return await fetch(command, program);
      }
      case 'load': {
        const { load } = await import('./load/load.ts');
        return await load(command, program);
      }
      case 'keep-key': {
        const { keepKey } = await import('./build/keep-key.ts');
        await keepKey(command, program);
        return 0;
      }
      case 'copy-programs': {
        const { copyPrograms } = await import('./copy-programs.ts');
        await copyPrograms(command.folder);
        return 0;
      }
    }
  } catch (error) {
    const text = error instanceof ReconcilerError ? explain(error) : inspect(error);
    program.complain(`weka-nodeagent: ${text.split('\n').map(printable).join('\n')}\n`);
    return 2;
  }
}

async function observe(command: CommandOf<'observe'>, program: Program): Promise<void> {
  const host = program.openHost(command.root);
  const node = await nodeOf(host, command.root, command.node);
  const observed = await observeNode(host);
  const report = nodeReport({ node, agentVersion: program.version, intentGeneration: 0, observed });
  // One that the cluster would not take is no report.
  packReport(report);
  program.print(command.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  abandonLate(host, program);
}
