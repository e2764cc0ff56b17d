import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from './cluster/scratch.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ACTION = join(ROOT, '.github', 'actions', 'validate');

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      }[];
    }[];
  }[];
}

const action = parse(await readFile(join(ACTION, 'action.yml'), 'utf8')) as Action;

/** Runs the action's own shell steps as a runner does, over a copy of the example repository. */
async function runAction(
  inputs: Readonly<Record<string, string>> = {},
  change?: (folder: string) => Promise<void>,
) {
  const workspace = await scratchFolder();
  await cp(join(ROOT, 'examples-repo'), workspace, { recursive: true });
  await change?.(workspace);
  const [summary, output] = await Promise.all(
    ['summary.md', 'output.txt'].map(async (name) => {
      const file = join(await scratchFolder(), name);
      await writeFile(file, '');
      return file;
    }),
  );
  const outputs: Record<string, string> = {};
  let log = '';
  let exitCode = 0;
  for (const { run, shell, env = {} } of action.runs.steps) {
    if (run === undefined || exitCode !== 0) continue;
    expect(shell).toBe('bash');
    const ended = await bash(run, workspace, {
      ...Object.fromEntries(
        Object.entries(env).map(([name, text]) => [name, filledIn(text, inputs, outputs)]),
      ),
      GITHUB_ACTION_PATH: ACTION,
      GITHUB_STEP_SUMMARY: summary!,
      GITHUB_OUTPUT: output!,
    });
    log += ended.log;
    exitCode = ended.exitCode;
    for (const line of (await readFile(output!, 'utf8')).split('\n').filter(Boolean)) {
      const at = line.indexOf('=');
      outputs[line.slice(0, at)] = line.slice(at + 1);
    }
  }
  const sarif = outputs['sarif'];
  return {
    exitCode,
    log,
    outputs,
    summary: await readFile(summary!, 'utf8'),
    sarif:
      sarif === undefined ? undefined : (JSON.parse(await readFile(join(workspace, sarif), 'utf8')) as Sarif),
  };
}

/** The expressions that the action has, as a runner fills them in. */
function filledIn(
  text: string,
  inputs: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, string>>,
): string {
  return text.replace(
    /\$\{\{ (inputs|steps\.validate\.outputs)\.(\w+) \}\}/g,
    (_, from: string, name: string) =>
      from === 'inputs' ? (inputs[name] ?? action.inputs[name]!.default) : (outputs[name] ?? ''),
  );
}

/** As a runner starts it, with none of its own environment but where programs are. */
function bash(script: string, cwd: string, env: Readonly<Record<string, string>>) {
  const given = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env };
  return new Promise<{ exitCode: number; log: string }>((resolve) => {
    execFile(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
      { cwd, env: given },
      (error, stdout, stderr) =>
        resolve({
          exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          log: stdout + stderr,
        }),
    );
  });
}

describe('the action that validates manifests', () => {
  it('finds the example repository clean, and says so in log, summary and SARIF', async () => {
    const { exitCode, log, outputs, summary, sarif } = await runAction();
    expect(log).toContain('no findings');
    expect(exitCode).toBe(0);
    expect(outputs).toEqual({ result: 'clean', sarif: 'weka-gitops.sarif' });
    expect(summary).toContain('### ');
    expect(sarif?.runs[0]?.results).toEqual([]);
  });

  it('shows an error at its line, and fails only once all is written', async () => {
    const { exitCode, log, outputs, summary, sarif } = await runAction({}, async (folder) => {
      await writeFile(join(folder, 'wrong.yaml'), 'apiVersion: v1\nkind: ConfigMapp\nmetadata:\n  name: a\n');
    });
    expect(exitCode).toBe(1);
    expect(log).toMatch(/^::error file=wrong\.yaml,line=2,/m);
    expect(outputs['result']).toBe('errors');
    expect(summary).toContain('wrong.yaml');
    expect(
      sarif?.runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri),
    ).toEqual(['wrong.yaml']);
  });

  it('takes several paths, one a line, whatever they look like', async () => {
    const { exitCode, log } = await runAction(
      { paths: 'settings.yaml\n\n  \n$(touch ran); #.yaml', sarif: '' },
      async (folder) => {
        await writeFile(join(folder, '$(touch ran); #.yaml'), 'kind: Odd\n');
      },
    );
    expect(log).toMatch(/^::error file=\$\(touch ran\); #\.yaml,line=1,/m);
    expect(exitCode).toBe(1);
  });

  it('fails where the manifests could not be checked', async () => {
    const { exitCode, outputs } = await runAction({ paths: 'none.yaml' });
    expect(exitCode).toBe(2);
    expect(outputs).toEqual({});
  });
});

describe('the workflow that validates manifests', () => {
  it('may read the repository, and nothing else', async () => {
    const text = await readFile(join(ROOT, '.github', 'workflows', 'validate-manifests.yml'), 'utf8');
    const workflow = parse(text) as {
      readonly permissions: object;
      readonly on: { readonly workflow_call: { readonly inputs: object; readonly secrets?: object } };
      readonly jobs: Readonly<
        Record<string, { readonly permissions?: object; readonly steps: readonly Step[] }>
      >;
    };
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.on.workflow_call.secrets).toBeUndefined();
    expect(Object.values(workflow.jobs).every(({ permissions }) => permissions === undefined)).toBe(true);
    expect(text).not.toMatch(/secrets\.|github\.token/);
    // An expression within a script is how text of a pull request gets to run.
    const scripts = Object.values(workflow.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run }) => run ?? []),
    );
    expect([...scripts, ...action.runs.steps.flatMap(({ run }) => run ?? [])].join('\n')).not.toContain(
      '${{',
    );
  });
});
