import { describe, expect, it } from 'vitest';
import { runCli } from '../support/installation.ts';

const VERBS = [
  'validate',
  'explain-field',
  'plan',
  'reconcile',
  'status',
  'run',
  'suspend',
  'resume',
  'drivers',
  'demo',
];
const PRINTING = new Set(['validate', 'explain-field', 'plan', 'reconcile', 'status', 'drivers']);

describe('help', () => {
  it('lists every command', async () => {
    const { stdout, exitCode } = await runCli([]);
    expect(exitCode).toBe(0);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  (suspend, )?${verb}[ ,]`, 'm'));
  });

  it.each(['toString', 'constructor', '__proto__'])('on %s is not there', async (topic) => {
    expect((await runCli(['help', topic])).stderr).toContain(`There is no help on "${topic}".`);
    expect((await runCli([topic])).stderr).toContain(`There is no command "${topic}".`);
  });

  it.each(VERBS)('on %s tells its use and its options', async (verb) => {
    const { stdout, exitCode } = await runCli([verb, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: weka-gitops ${verb}`));
    if (PRINTING.has(verb)) expect(stdout).toContain('--output FORMAT');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(104);
  });

  it('on config lists every setting with its default', async () => {
    const { stdout } = await runCli(['help', 'config']);
    expect(stdout).toContain('repository.url');
    expect(stdout).toContain('installation.namespace');
    expect(stdout).toContain('(default: "weka-gitops-system")');
  });

  it('on what there is not names what there is', async () => {
    const { stderr, exitCode } = await runCli(['help', 'weather']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'weka-gitops: USAGE: There is no help on "weather".\n' +
        '  hint: There is on validate, explain-field, explain, plan, reconcile, status, run, suspend, resume, demo, preflight, install, uninstall, drivers, config.\n',
    );
  });

  it('on the version', async () => {
    expect((await runCli(['version'])).stdout).toBe('weka-gitops 0.0.0-test\n');
  });
});
