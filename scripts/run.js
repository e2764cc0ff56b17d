#!/usr/bin/env node
// Runs one of the package's commands on a clean clone: with any Node from 20 on it first installs what the lock file
// names, Node 24 among it, and then hands over to that Node. Plain JavaScript, since Node 20 reads no TypeScript.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };

/** Each command as the programs it runs, in order; the first that fails ends it. */
const COMMANDS = {
  'weka-gitops': (args) => [['node', 'reconciler/main.ts', ...args]],
  demo: (args) => [['node', 'reconciler/main.ts', 'demo', ...args]],
  test: (args) => [['vitest', 'run', ...args]],
  check: () => [
    ['tsc', '-p', '.'],
    ['oxlint', '--type-aware', '--deny-warnings'],
    ['prettier', '--check', '--log-level', 'warn', '.'],
    ['knip'],
    ['node', 'scripts/generate.ts', '--check'],
  ],
  generate: () => [['node', 'scripts/generate.ts']],
  'build-cluster': () => [['node', 'test/cluster/build-cluster.ts']],
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) {
  console.error(
    `scripts/run.js: no command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(', ')}`,
  );
  process.exit(2);
}

await install();
for (const [program, ...rest] of command(args)) {
  if (name === 'check') console.error(`> ${[program, ...rest].join(' ')}`);
  await run(program, rest, { cwd: name === 'weka-gitops' ? process.env['INIT_CWD'] : root });
}

/** Installs the packages of the lock file, unless they are there already. */
async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(join(bin, 'node'))) return;
  console.error('Installing the packages of package-lock.json (about a minute, once) …');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  writeFileSync(stamp, lock);
}

/** Runs one program to its end, and ends with its code where that is not 0. */
async function run(program, rest, { cwd }) {
  const local = join(bin, program);
  const entry = program === 'node' ? rest.with(0, join(root, rest[0])) : rest;
  const child = spawn(existsSync(local) ? local : program, entry, { cwd, env, stdio: 'inherit' });
  // Ctrl-C reaches the child through the terminal; this process waits, so that the child can clean up first.
  const ignore = () => {};
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', forward);
  const { code, signal, error } = await new Promise((resolve) => {
    child.once('error', (reason) => resolve({ error: reason }));
    child.once('exit', (status, by) => resolve({ code: status, signal: by }));
  });
  process.off('SIGINT', ignore).off('SIGTERM', forward);
  if (error !== undefined) {
    console.error(`scripts/run.js: ${program} could not be started: ${error.message}`);
    process.exit(2);
  }
  if (signal) process.exit(128 + constants.signals[signal]);
  if (code !== 0) process.exit(code ?? 2);
}
