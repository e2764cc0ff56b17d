import { openExec } from '../../../nodeagent/command.ts';
import { StateLock } from '../../../nodeagent/drivers/state-lock.ts';
import { openDriverHands } from '../../../nodeagent/host/driver-hands.ts';
import { fakeHost } from '../fake-root.ts';

// A process that takes the lock of a folder, says so, and keeps it until it is killed.
const lock = new StateLock(process.argv[2]!, openDriverHands(fakeHost('/'), '/', openExec()));
process.stdout.write(`${(await lock.take()).is}\n`);
setInterval(() => lock, 60_000);
