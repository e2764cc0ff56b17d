import type { Command } from '../args.ts';
import type { Program } from '../program.ts';

/** Shows it all at work. Loaded only when asked for: it brings a control plane, and is no part of the product. */
export async function demoCommand(
  { keep }: Extract<Command, { verb: 'demo' }>,
  { console }: Program,
): Promise<number> {
  const { demo } = await import('../../test/demo/demo.ts');
  return demo({ keep, console });
}
