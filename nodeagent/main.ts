#!/usr/bin/env node
// The first of all, so that a signal is heard while the others are loaded.
import { stopSignal } from './stop-signal.ts';
import { machine, networkInterfaces } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };
import { cli } from './cli.ts';
import { openHost } from './host/open-host.ts';

const { env, stdout, stderr } = process;

// Whoever reads what is printed may stop, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Set and not called: what was printed to a pipe is still on its way.
process.exitCode = await cli(process.argv.slice(2), {
  version: packageJson.version,
  print: (text) => void stdout.write(text),
  complain: (text) => void stderr.write(text),
  env,
  stopSignal,
  // Node waits for what it has begun to read even when told to exit.
  abandon: () =>
    void stdout.write('', () => {
      process.kill(process.pid, 'SIGKILL');
      // The first process of a pod takes no such signal from itself.
      process.abort();
    }),
  openHost: (root) => openHost({ root, machine: machine(), interfaces: networkInterfaces }),
});
