import type { CommandOf } from '../args/command.ts';
import type { Program } from '../cli.ts';
import { openExec } from '../command.ts';
import { openDriverHands } from '../host/driver-hands.ts';
import { abandonLate } from '../node-of.ts';
import { describeStep } from '../plan/step.ts';
import { printable } from '../printable.ts';
import { STEADY_TIME } from '../time.ts';
import { DriverKeeper } from './driver-keeper.ts';
import { driversText } from './drivers-text.ts';

/** `weka-nodeagent drivers`: what the agent of this node knows of its drivers, and what it would do next. It changes nothing. */
export async function drivers(command: CommandOf<'drivers'>, program: Program): Promise<void> {
  const host = program.openHost(command.root);
  const keeper = new DriverKeeper({
    host,
    hands: openDriverHands(host, command.root, openExec()),
    state: command.state,
    time: STEADY_TIME,
    random: Math.random,
    log: { info: () => undefined, warn: () => undefined },
    changed: () => undefined,
    turns: () => undefined,
  });
  await keeper.open();
  const { report, steps, state } = await keeper.foresee();
  if (command.output === 'json') {
    const next = steps.map(describeStep);
    program.print(
      `${JSON.stringify({ generation: state.generation, owner: state.wanted?.owner, report, next }, null, 2)}\n`,
    );
  } else {
    program.print(
      driversText({ state, report, steps })
        .map((line) => `${printable(line)}\n`)
        .join(''),
    );
  }
  abandonLate(host, program);
}
