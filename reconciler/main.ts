#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import packageJson from '../package.json' with { type: 'json' };
import { cli } from './cli.ts';
import { openLog } from './log.ts';
import type { Program } from './program.ts';
import { openProgram } from './open-program.ts';

const { env, stdout, stderr } = process;
const colour = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

const program: Program = openProgram({
  version: packageJson.version,
  env,
  readFile: (path) => readFile(path, 'utf8'),
  log: openLog({ terminal: stderr.isTTY, level: env['WEKA_GITOPS_LOG_LEVEL'] }),
  console: {
    print: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    colour,
    width: stdout.columns ?? 100,
  },
});

// Set and not called: what was printed to a pipe is still on its way.
process.exitCode = await cli(process.argv.slice(2), program);
