import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LastLines } from '../../../nodeagent/build/last-lines.ts';
import { type ChildEnd, runChild } from '../../../nodeagent/build/run-child.ts';
import { until } from '../../cluster/until.ts';
import { assertRoot } from '../../image/inside-root.ts';

const BUILD = join(import.meta.dirname, '../../../nodeagent/build');

function shell(script: string, ...args: readonly string[]) {
  return { file: 'sh', args: ['-c', script, 'sh', ...args], env: process.env };
}

const silent = () => new LastLines(() => {});
const never = new AbortController().signal;

describe('runChild', () => {
  it('gives the exit code and what was printed on both streams', async () => {
    const output = silent();
    const end = await runChild(shell('echo out; echo err >&2; exit 3'), { signal: never, output });

    expect(end).toEqual({ how: 'exited', exitCode: 3 });
    expect(output.lines.toSorted()).toEqual(['err', 'out']);
  });

  it('tells a signal from an exit code', async () => {
    const end = await runChild(shell('kill -SEGV $$'), { signal: never, output: silent() });
    expect(end).toEqual({ how: 'killed', by: 'SIGSEGV' });
  });

  it('says that a program is missing', async () => {
    const command = { file: '/there/is/none', args: [], env: process.env };
    expect(await runChild(command, { signal: never, output: silent() })).toEqual({ how: 'missing' });
  });

  it('starts nothing once it is too late', async () => {
    const signal = AbortSignal.abort();
    expect(await runChild(shell('exit 0'), { signal, output: silent() })).toEqual({ how: 'aborted' });
  });

  it('kills all that a program started, when it is told to end', async () => {
    const folder = await temporaryFolder();
    const stop = new AbortController();
    // Two generations, of which neither hears SIGTERM.
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ > "$1/pid.part"; mv "$1/pid.part" "$1/pid"; while :; do sleep 1; done' sh "$1"; echo late`;
    const running = runChild(shell(script, folder), { signal: stop.signal, output: silent() });
    const pid = await until(
      'it has started',
      async () => await readFile(join(folder, 'pid'), 'utf8').catch(() => undefined),
    );
    stop.abort();

    expect(await running).toEqual({ how: 'aborted' });
    await until('its child is gone', async () => !(await isRunning(pid.trim())));
  });

  it('lets a program that is told to end finish what it is at, where it is given time', async () => {
    const folder = await temporaryFolder();
    const output = silent();
    const stop = new AbortController();
    const script = `trap 'echo undone; exit 0' TERM; echo $$ > "$1/pid"; while :; do sleep 0.05; done`;
    const running = runChild(shell(script, folder), { signal: stop.signal, output, killGraceMs: 60_000 });
    await until(
      'it has started',
      async () => (await readFile(join(folder, 'pid'), 'utf8').catch(() => '')) !== '',
    );
    stop.abort();

    expect(await running).toEqual({ how: 'aborted' });
    expect(output.lines).toContain('undone');
  });

  it('does not wait for what a program left in the background', async () => {
    const folder = await temporaryFolder();
    const script = `sleep 1000 & echo $! > "$1/pid"; echo done`;
    const output = silent();
    expect(await runChild(shell(script, folder), { signal: never, output })).toEqual({
      how: 'exited',
      exitCode: 0,
    });
    expect(output.lines).toEqual(['done']);

    const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
    await until('it is gone', async () => !(await isRunning(pid)));
  });

  it('kills what a program left in a session of its own, with what that started', async () => {
    const folder = await temporaryFolder();
    const inner = `env -i sleep 1001 & echo $! > "$1/inner"; echo $$ > "$1/pid.part"; mv "$1/pid.part" "$1/pid"; exec sleep 1000`;
    const script = `setsid sh -c '${inner}' sh "$1" </dev/null >/dev/null 2>&1 & while ! [ -e "$1/pid" ]; do sleep 0.01; done`;
    expect(await runChild(shell(script, folder), { signal: never, output: silent() })).toEqual({
      how: 'exited',
      exitCode: 0,
    });
    for (const name of ['pid', 'inner']) {
      const pid = (await readFile(join(folder, name), 'utf8')).trim();
      await until('it is gone', async () => !(await isRunning(pid)));
    }
  });

  // One at a time is there: each starts the next, and ends.
  const chain = `hop() { [ -e "$1/go" ] && hop "$1" & exit 0; }; hop "$1"`;
  const goesOn = `setsid sh -c '${chain}' sh "$1" </dev/null >/dev/null 2>&1 & wait`;

  it('ends what begins itself anew all the time, or tells that it is left', async () => {
    const { end, left } = await runApart(goesOn);
    expect(end).toMatchObject({ how: 'exited', exitCode: 0 });
    if (end.isLeft !== true) expect(left).toEqual([]);
  });

  it('ends all of that as the first process of a container', async () => {
    const { end, left } = await runApart(goesOn, ...CONTAINER);
    expect({ end, left }).toEqual({ end: { how: 'exited', exitCode: 0 }, left: [] });
  });

  it('tells that something is left which it may not kill', async () => {
    const another = `setsid setpriv --reuid 65534 --clear-groups sh -c 'touch "$1/begun"; exec sleep 1000' sh "$1" </dev/null >/dev/null 2>&1 & while ! [ -e "$1/begun" ]; do :; done`;
    const { end } = await runApart(another, ...CONTAINER, 'setpriv', '--bounding-set=-kill');
    expect(end).toEqual({ how: 'exited', exitCode: 0, isLeft: true });
  });

  it('leaves one that does not end when it is killed', async () => {
    const another = `exec setpriv --reuid 65534 --clear-groups sleep 1000`;
    const { end } = await runApart(another, ...CONTAINER, 'setpriv', '--bounding-set=-kill', 'env', 'STOP=1');
    expect(end).toEqual({ how: 'aborted', isLeft: true });
  });

  it('leaves other programs alone', async () => {
    const stop = new AbortController();
    const output = silent();
    const other = runChild(shell('echo begun; exec sleep 1000'), { signal: stop.signal, output });
    await until('it has started', () => output.lines.length > 0);
    await runChild(shell('exit 0'), { signal: never, output: silent() });
    let hasEnded = false;
    void other.then(() => (hasEnded = true));
    await runChild(shell('exit 0'), { signal: never, output: silent() });
    expect(hasEnded).toBe(false);
    stop.abort();
    expect(await other).toEqual({ how: 'aborted' });
  });

  it('gives a program nothing to read', async () => {
    expect(await runChild(shell('read line || exit 4'), { signal: never, output: silent() })).toEqual({
      how: 'exited',
      exitCode: 4,
    });
  });
});

const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** Runs a script of a shell in a process of its own; gives how it ended, and what of it is there after that. */
async function runApart(script: string, ...inside: readonly string[]) {
  assertRoot('A container of its own');
  const folder = await temporaryFolder();
  await chmod(folder, 0o777);
  await writeFile(join(folder, 'go'), '');
  const program = `
    import { readdir, readFile } from 'node:fs/promises';
    import { LastLines } from '${BUILD}/last-lines.ts';
    import { runChild } from '${BUILD}/run-child.ts';
    const [script, folder] = process.argv.slice(1);
    const end = await runChild(
      { file: 'sh', args: ['-c', script, 'sh', folder], env: process.env },
      {
        signal: process.env.STOP === undefined ? new AbortController().signal : AbortSignal.timeout(1000),
        output: new LastLines(() => {}),
      },
    );
    const left = new Set();
    for (let look = 0; look < 20; look++) {
      for (const pid of await readdir('/proc')) {
        const words = await readFile('/proc/' + pid + '/cmdline', 'utf8').catch(() => '');
        if (/^\\d+$/.test(pid) && pid !== String(process.pid) && words.includes(folder)) left.add(words);
      }
    }
    console.log(JSON.stringify({ end, left: [...left] }));`;
  const words = [...inside, process.execPath, '--input-type=module', '--eval', program, script, folder];
  const { stdout } = await promisify(execFile)('env', words);
  return JSON.parse(stdout) as { end: ChildEnd; left: readonly string[] };
}

/** Whether a process is there and no zombie. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX]/.test(stat);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}
