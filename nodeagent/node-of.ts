import { isKnown } from '../schemas/node/observed.ts';
import type { Program } from './cli.ts';
import { NodeNameError, NoHostError } from './errors.ts';
import type { Host } from './host/host.ts';
import { readHostName } from './host/read-system.ts';
import { printable } from './printable.ts';

/** The name of the node that a host is: the given one, or the host's own; throws where there is neither, or no host. */
export async function nodeOf(host: Host, root: string, given: string | undefined): Promise<string> {
  const proc = await host.kind('/proc');
  if (proc.state === 'absent') throw new NoHostError(root);
  const node = given ?? (await readHostName(host));
  if (!isKnown(node)) throw new NodeNameError(node.unknown);
  return node;
}

/** Ends the process by force where something on the host never answers, since it could not end otherwise. */
export function abandonLate(host: Host, program: Program): void {
  const late = host.late();
  if (late.length === 0) return;
  const names = late.map(printable).join(', ');
  program.complain(
    `weka-nodeagent: This process ends by a signal, since there is no answer from ${names}.\n`,
  );
  program.abandon();
}
