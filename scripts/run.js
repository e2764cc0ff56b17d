#!/usr/bin/env node
// Runs one of the package's commands on a clean clone: with any Node from 20 on it first installs what the lock file
// names, Node 24 among it, and then hands over to that Node. Plain JavaScript, since Node 20 reads no TypeScript.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
  bench: (args) => [['node', 'test/bench/main.ts', ...args]],
  sweep: (args) => [['node', 'test/sweep/main.ts', ...args]],
  'build-cluster': () => [['node', 'test/cluster/build-programs.ts']],
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) {
  fail(`no command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(', ')}`);
}
if (Number.parseInt(process.versions.node, 10) < 20) {
  fail(`Node ${process.versions.node} is too old to install the packages with; Node 20 or later will do`);
}

await install();
for (const [program, ...rest] of command(args)) {
  if (name === 'check') console.error(`> ${[program, ...rest].join(' ')}`);
  // Paths that a user types are meant from where they were typed; npm itself goes to the package's folder.
  await run(program, rest, { cwd: name === 'weka-gitops' ? process.env['INIT_CWD'] : root });
}

/** Installs the packages of the lock file, unless they are there already, whoever installed them. */
async function install() {
  if (isInstalled()) return;
  const started = Date.now();
  console.error('Installing the packages of package-lock.json (about a minute, once) …');
  const progress = setInterval(() => {
    console.error(`Still installing after ${Math.round((Date.now() - started) / 1000)} s …`);
  }, 30_000);
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  clearInterval(progress);
  if (!existsSync(join(bin, 'node'))) {
    fail(
      'Node 24 was not installed: npm skipped the install script of the package "node"; try npm rebuild node',
    );
  }
}

/** npm writes down what it has installed when it is done; only what is for other machines may be missing. */
function isInstalled() {
  const there = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(there) || !existsSync(join(bin, 'node'))) return false;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packages(there);
  return Object.entries(packages(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const has = installed[path];
    if (has === undefined) return wanted.optional === true || wanted.devOptional === true;
    return has.version === wanted.version && has.integrity === wanted.integrity;
  });
}

/** Runs one program to its end, and ends with its code where that is not 0. */
async function run(program, rest, { cwd }) {
  const local = join(bin, program);
  const entry = program === 'node' ? rest.with(0, join(root, rest[0])) : rest;
  const child = spawn(existsSync(local) ? local : program, entry, { cwd, env, stdio: 'inherit' });
  // Ctrl-C reaches the child through the terminal; this process waits, so that the child can clean up first.
  const ignore = () => {};
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
  const { code, signal, error } = await new Promise((resolve) => {
    child.once('error', (reason) => resolve({ error: reason }));
    child.once('exit', (status, by) => resolve({ code: status, signal: by }));
  });
  process.off('SIGINT', ignore).off('SIGTERM', forward).off('SIGHUP', forward);
  if (error !== undefined) fail(`${program} could not be started: ${error.message}`);
  if (signal) process.exit(128 + constants.signals[signal]);
  if (code === 0) return;
  if (program === 'npm') console.error('scripts/run.js: the packages could not be installed');
  else if (name === 'check')
    console.error(`scripts/run.js: ${program} found something; what follows did not run`);
  process.exit(code ?? 2);
}

function fail(why) {
  console.error(`scripts/run.js: ${why}`);
  process.exit(2);
}
