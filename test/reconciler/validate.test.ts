import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../cluster/run.ts';
import { gitEnvironment } from '../support/git-command.ts';
import { runCli } from '../support/installation.ts';

const GOOD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\ndata: { a: "1" }\n';
const BAD = GOOD.replace('"1"', '1');
const main = fileURLToPath(new URL('../../reconciler/main.ts', import.meta.url));

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'validate-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe('weka-gitops validate', () => {
  it.each(['text', 'json', 'markdown', 'sarif', 'github'])(
    'exits 0 and 1 as %s, and says what is wrong',
    async (output) => {
      const at = await folder();
      await writeFile(join(at, 'a.yaml'), GOOD);
      const good = await runCli(['validate', '--output', output, at]);
      expect([good.exitCode, good.stderr]).toEqual([0, '']);
      await writeFile(join(at, 'a.yaml'), BAD);
      const bad = await runCli(['validate', '--output', output, at]);
      expect([bad.exitCode, bad.stderr]).toEqual([1, '']);
      expect(bad.stdout).toContain('data.a must be text, not the number 1');
      expect(good.stdout).not.toContain('data.a');
    },
  );

  it('finds where nodes would get drivers that the configuration does not name', async () => {
    const at = await folder();
    const client = [
      'apiVersion: weka.weka.io/v1alpha1',
      'kind: WekaClient',
      'metadata: { name: clients, namespace: weka }',
      'spec:',
      '  image: quay.io/weka.io/weka-in-container:4.4.10',
      "  joinIpPorts: ['10.0.0.7:14000']",
      '  driversDistService: http://mirror.example.com',
    ];
    await writeFile(join(at, 'a.yaml'), client.join('\n'));
    const within = async (ceilings: object) =>
      await runCli(
        ['validate', '--output', 'github', at],
        { WEKA_GITOPS_CONFIG: 'the-configuration.yaml' },
        JSON.stringify({ ceilings }),
      );
    const unset = await within({});
    expect(unset.exitCode).toBe(1);
    expect(unset.stdout).toContain('line=7,col=23');
    expect(unset.stdout).toContain('registry-not-allowed');
    expect(unset.stdout).toContain('Name http://mirror.example.com in ceilings.driverRegistries');
    const secure = await within({ driverRegistries: ['https://mirror.example.com'] });
    expect(secure.stdout).toContain('Write https://mirror.example.com.');
    const named = await within({ driverRegistries: ['http://mirror.example.com'] });
    expect(named.stdout).not.toContain('registry-not-allowed');
  });

  it('exits 2 in trouble, with nothing on standard output', async () => {
    const { exitCode, stdout, stderr } = await runCli([
      'validate',
      '--output',
      'sarif',
      join(await folder(), 'none'),
    ]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('hint:');
  });
});

/** As the README has it. */
const HOOK = `#!/bin/sh
tree=$(mktemp -d) && trap 'rm -rf "$tree"' EXIT
git checkout-index --all --prefix="$tree/" && cd "$tree" && weka-gitops validate .
`;

describe('the git hook', () => {
  it('keeps a mistake from being committed, by what is staged and not by what lies about', async () => {
    const at = await folder();
    const bin = join(at, 'bin');
    const repository = join(at, 'repository');
    await mkdir(bin);
    await writeFile(join(bin, 'weka-gitops'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
    await chmod(join(bin, 'weka-gitops'), 0o755);
    const known = gitEnvironment(at);
    const env = { ...known, PATH: `${bin}${delimiter}${known['PATH'] ?? ''}` };
    const git = async (...args: readonly string[]) => await run('git', args, { cwd: repository, env });
    await run('git', ['init', '--quiet', repository], { env });
    await writeFile(join(repository, '.git/hooks/pre-commit'), HOOK);
    await chmod(join(repository, '.git/hooks/pre-commit'), 0o755);

    await writeFile(join(repository, 'a.yaml'), BAD);
    await git('add', '.');
    // What is mended and not staged does not help.
    await writeFile(join(repository, 'a.yaml'), GOOD);
    const refused = await git('commit', '--quiet', '-m', 'a');
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('a.yaml:4:12: error: data.a must be text');
    await git('add', '.');
    await writeFile(join(repository, 'b.yaml'), 'not: staged\n');
    expect(await git('commit', '--quiet', '-m', 'a')).toMatchObject({ exitCode: 0 });
  });
});
