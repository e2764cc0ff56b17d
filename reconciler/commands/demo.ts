import type { Command } from '../args.ts';
import type { Program } from '../program.ts';

/** Shows it all at work. Loaded only when asked for: it brings a control plane, and is no part of the product. */
export async function demoCommand(
  { keep }: Extract<Command, { verb: 'demo' }>,
  program: Program,
): Promise<number> {
  // Asked for first: it cleans up when it is asked to end, however early.
  const stop = program.stopSignal();
  const { demo } = await import('../../test/demo/demo.ts');
  return demo({ keep, console: program.console, stop });
}
