import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { build, type GoProgram } from './build.ts';
import { isRunning } from './processes.ts';
import { run } from './run.ts';
import { scratchFolder, script } from './scratch.ts';
import { until } from './until.ts';

describe('build', () => {
  it('compiles a program and links its other names to it', async () => {
    const { cache, module, options } = await setUp();
    await script(join(module, 'kubernetes/main.go'));
    await writeFile(
      join(module, 'kubernetes/main.go'),
      'package main\nimport "os"\nfunc main() { println(os.Args[0]) }\n',
    );
    const folder = await build('kubernetes', { ...options, env: process.env });
    const { stderr } = await run(join(folder, 'kube-apiserver'), []);
    expect(stderr).toBe(`${folder}/kube-apiserver\n`);
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('builds afresh when a source changes', async () => {
    const { module, options } = await setUp();
    const before = await build('kwok', options);
    await writeFile(join(module, 'go.sum'), 'example.org/changed v1.0.0 h1:…\n');
    expect(await build('kwok', options)).not.toBe(before);
  });

  it('builds once for several that ask at once', async () => {
    const { reported, options } = await setUp();
    const folders = await Promise.all([
      build('kwok', options),
      build('kwok', options),
      build('kwok', options),
    ]);
    expect(new Set(folders).size).toBe(1);
    expect(reported.filter((line) => line.startsWith('Built'))).toHaveLength(1);
    expect(reported.filter((line) => line.startsWith('Another process builds kwok'))).toHaveLength(2);
  });

  it('says at least every minute how far it is', async () => {
    const { reported, options, folder } = await setUp(
      'echo go: downloading example.org/module v1.0.0; echo example.org/module/package; echo runtime',
      'until [ -e "$0.go-on" ]; do sleep 0.05; done',
    );
    const built = build('kwok', { ...options, progressMs: 100 });
    await until('a progress line', () => reported.some((line) => line.includes('2 packages compiled')));
    await writeFile(join(folder, 'tools/go.go-on'), '');
    await built;
    expect(reported).toContainEqual(
      expect.stringMatching(/^Building kwok: 1 modules downloaded, 2 packages compiled, \d+ s\.$/),
    );
  });

  it('leaves no compiler running when its process is killed, and starts afresh the next time', async () => {
    const { cache, module, options, folder } = await setUp(
      'echo $$ >"$0.pid"',
      'until [ -e "$0.go-on" ]; do sleep 0.05; done',
    );
    const program = `import { build } from ${JSON.stringify(fileURLToPath(new URL('build.ts', import.meta.url)))};
      await build('kwok', { cache: ${JSON.stringify(cache)}, module: ${JSON.stringify(module)}, report: () => {} });`;
    const builder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: options.env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const compiler = await until('the compiler runs', async () =>
      Number(await readFile(join(folder, 'tools/go.pid'), 'utf8')),
    );
    expect(await readdir(cache)).toEqual([expect.stringMatching(/\.unfinished$/)]);
    builder.kill('SIGKILL');
    await once(builder, 'exit');
    await until('the compiler is gone', () => !isRunning(compiler));

    await writeFile(join(folder, 'tools/go.go-on'), '');
    const built = await build('kwok', options);
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^kwok-[0-9a-f]{16}$/)]);
    expect(await readdir(built)).toEqual(['kwok']);
  });

  it.each([
    ['write /tmp/x: no space left on device', 'The disk is full. A build needs 5 GB'],
    [
      'dial tcp: lookup modules.example.com: no such host',
      'GOPROXY has to name a proxy that this machine reaches',
    ],
    ['main.go:1:1: expected package', 'go build of kwok failed, exit code 1'],
  ])('fails with %s and advice', async (line, advice) => {
    const { cache, options } = await setUp(`echo '${line}'; exit 1`);
    const failure = build('kwok', options);
    await expect(failure).rejects.toThrow(line);
    await expect(failure).rejects.toThrow(advice);
    expect(await readdir(cache)).toEqual([]);
  });

  it('says what to do where Go is not installed', async () => {
    const { folder, options } = await setUp();
    const failure = build('kwok', { ...options, env: { PATH: folder } });
    await expect(failure).rejects.toThrow(
      /^Go 1\.26 is needed to build Kubernetes for tests, and there is no go on the PATH/,
    );
    await expect(failure).rejects.toThrow('the folder that WEKA_GITOPS_PROGRAMS names');
  });

  it('shows what a Go that is too old says', async () => {
    const { folder, options } = await setUp();
    await script(
      join(folder, 'tools/go'),
      'echo "go: go.mod requires go >= 1.26.0 (running go 1.19)" >&2; exit 1',
    );
    await expect(build('kwok', options)).rejects.toThrow(
      'this one does not work: go: go.mod requires go >= 1.26.0',
    );
  });
});

/** A Go module, and a Go that compiles nothing: it runs `steps` and makes an empty script. */
async function setUp(...steps: string[]) {
  const folder = await scratchFolder();
  const cache = join(folder, 'cache');
  const module = join(folder, 'module');
  const programs: GoProgram[] = ['kubernetes', 'kwok'];
  for (const name of programs) await script(join(module, name, 'main.go'));
  await writeFile(join(module, 'go.mod'), 'module example.org/programs\n\ngo 1.26.0\n');
  await writeFile(join(module, 'go.sum'), '');
  await script(
    join(folder, 'tools/go'),
    'if [ "$1" = env ]; then echo go1.26.8; exit; fi',
    ...steps,
    'while [ "$1" != -o ]; do shift; done',
    'printf "#!/bin/sh\\n" >"$2"; chmod +x "$2"',
  );
  const reported: string[] = [];
  const options = {
    cache,
    module,
    env: { ...process.env, PATH: `${join(folder, 'tools')}:${process.env['PATH']}` },
    report: (line: string) => void reported.push(line),
  };
  return { folder, cache, module, reported, options };
}
