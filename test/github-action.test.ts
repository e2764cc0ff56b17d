import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../reconciler/args.ts';
import { ConfigFile } from '../reconciler/config/config-file.ts';
import { scratchFolder } from './cluster/scratch.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ACTION = join(ROOT, '.github', 'actions', 'validate');

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
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
    // Where the workflow checks the program itself out.
    const { exitCode, log, outputs, summary, sarif } = await runAction({}, async (folder) => {
      await mkdir(join(folder, '.weka-gitops'));
      await writeFile(join(folder, '.weka-gitops', 'ours.yaml'), 'kind: Odd\n');
    });
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

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: { readonly workflow_call: { readonly inputs: object; readonly secrets?: object } };
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const called = await readFile(join(ROOT, '.github', 'workflows', 'validate-manifests.yml'), 'utf8');
const { jobs, ...workflow } = parse(called) as Workflow;
const example = await readFile(join(ROOT, '.github', 'examples', 'plan-pull-requests.yml'), 'utf8');

/** The workflow that calls it, from the comment that shows one. */
const caller = parse(
  called
    .split('\n')
    .filter((line) => line.startsWith('#   '))
    .map((line) => line.slice(4))
    .join('\n'),
) as Workflow;

/** What a step is given that uses an action. */
function given(job: Job | undefined, uses: string): Readonly<Record<string, unknown>> {
  return job?.steps.find((step) => step.uses?.startsWith(`${uses}@`) === true)?.with ?? {};
}

describe('the workflow that validates manifests', () => {
  it('may read the repository, and nothing else, where a program runs', () => {
    expect(workflow.permissions).toBeUndefined();
    expect(workflow.on.workflow_call.secrets).toBeUndefined();
    expect(called).not.toMatch(/secrets\.|github\.token/);
    for (const { steps, permissions } of Object.values(jobs)) {
      const isOurs = steps.some(({ run, uses }) => run !== undefined || uses?.startsWith('./'));
      if (isOurs) expect(permissions).toEqual({ contents: 'read' });
    }
    expect(jobs['validate']?.steps.some(({ uses }) => uses?.startsWith('./'))).toBe(true);
  });

  it('asks for nothing that whoever wants no code scanning would have to grant', () => {
    const asked = Object.values(jobs).flatMap(({ permissions }) => Object.keys(permissions ?? {}));
    expect(asked).toEqual(['contents']);
  });

  it('sends findings to code scanning with what its caller grants, which the example shows', () => {
    const scanning = jobs['code-scanning'];
    expect(scanning?.permissions).toBeUndefined();
    expect(scanning?.needs).toBe('validate');
    expect(scanning?.if).toContain('inputs.code-scanning');
    const [call] = Object.values(caller.jobs);
    expect(call?.permissions).toEqual({ contents: 'read', actions: 'read', 'security-events': 'write' });
    expect(call?.with).toMatchObject({ 'code-scanning': true });
    const inputs = Object.keys(workflow.on.workflow_call.inputs);
    expect(inputs).toEqual(expect.arrayContaining(Object.keys(call?.with ?? {})));
  });

  it('can be called several times in one run', () => {
    const { validate, 'code-scanning': scanning } = jobs;
    const artifact = '${{ inputs.name }}-sarif';
    expect(given(validate, 'actions/upload-artifact')['name']).toBe(artifact);
    expect(given(scanning, 'actions/download-artifact')['name']).toBe(artifact);
    expect(given(scanning, 'github/codeql-action/upload-sarif')['category']).toBe('${{ inputs.name }}');
  });

  it('checks by the commit that it is called at itself', () => {
    const steps = jobs['validate']?.steps ?? [];
    const [, ours] = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(ours?.with).toMatchObject({
      repository: '${{ job.workflow_repository }}',
      ref: '${{ job.workflow_sha }}',
      path: '.weka-gitops',
    });
    expect(steps.find(({ id }) => id === 'validate')?.uses).toBe('./.weka-gitops/.github/actions/validate');
  });
});

describe('the example that plans pull requests', () => {
  const [job] = Object.values((parse(example) as Workflow).jobs);
  const scripts = job?.steps.flatMap(({ run }) => run ?? []) ?? [];

  it('starts a command that there is, with a configuration that is read', async () => {
    const command = /weka-gitops (plan .*)$/m.exec(scripts.join('\n'))?.[1] ?? '';
    expect(parseCommand(command.replace('"$NUMBER"', '7').split(' '))).toMatchObject({
      verb: 'plan',
      pullRequest: 7,
    });
    const temp = await scratchFolder();
    const wrote = await bash(scripts[0]!, temp, {
      RUNNER_TEMP: temp,
      KUBECONFIG_TEXT: 'a kubeconfig',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/storage',
    });
    expect(wrote).toEqual({ exitCode: 0, log: '' });
    const file = parse(await readFile(join(temp, 'weka-gitops.yaml'), 'utf8')) as Record<string, unknown>;
    const config = ConfigFile.parse(file);
    expect(config.repository?.url).toBe('https://github.com/acme/storage.git');
    expect(await readFile(config.kubernetes.kubeconfig!, 'utf8')).toBe('a kubeconfig');
  });

  it('leaves forks alone, and may write what is said on a pull request and nothing else', () => {
    expect(job?.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
    expect(job?.permissions).toEqual({
      contents: 'read',
      'pull-requests': 'write',
      statuses: 'write',
      checks: 'write',
    });
  });
});

it('no script of a workflow holds an expression, which is how text of a pull request gets to run', () => {
  const others = [...Object.values(jobs), ...Object.values((parse(example) as Workflow).jobs)];
  const steps = [...action.runs.steps, ...others.flatMap((job) => job.steps)];
  const scripts = steps.flatMap(({ run }) => run ?? []);
  expect(scripts.length).toBeGreaterThan(3);
  expect(scripts.join('\n')).not.toContain('${{');
});
