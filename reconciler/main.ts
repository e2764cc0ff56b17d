#!/usr/bin/env node
// The first of all, so that a signal is heard while the others are loaded.
import { stopSignal } from './stop-signal.ts';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import packageJson from '../package.json' with { type: 'json' };
import { cli } from './cli.ts';
import { openLog } from './log.ts';
import type { Program } from './program.ts';
import { openProgram } from './open-program.ts';

// V8's space for new objects stays as small as it is by now; it would grow to a third of the memory and make nothing
// faster. The image says so before the start; whoever runs this otherwise has it from here. Set before the modules are
// loaded, it would make the start slower.
setFlagsFromString('--semi-space-growth-factor=1');

const { env, stdout, stderr } = process;
const colour = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

const program: Program = openProgram({
  host: hostname(),
  stopSignal,
  version: packageJson.version,
  env,
  readFile: (path) => readFile(path, 'utf8'),
  log: await openLog({ terminal: stderr.isTTY, level: env['WEKA_GITOPS_LOG_LEVEL'] }),
  console: {
    print: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    colour,
    width: stdout.columns ?? 100,
  },
});

// Set and not called: what was printed to a pipe is still on its way.
process.exitCode = await cli(process.argv.slice(2), program);
