import { describe, expect, it } from 'vitest';
import { parseCommand, UsageError } from '../../reconciler/args.ts';

/** What a person is told who typed this. */
function complaint(...argv: readonly string[]): string {
  try {
    parseCommand(argv);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} ${error.hint}`;
    throw error;
  }
  throw new Error('It was taken.');
}

const INSTALL = {
  export: false,
  dryRun: false,
  planner: false,
  waitSeconds: 180,
  output: 'text',
  flags: {},
};

describe('a command line', () => {
  it.each([
    [[], { verb: 'help' }],
    [['--help'], { verb: 'help' }],
    [['help', 'plan'], { verb: 'help', topic: 'plan' }],
    [['plan', '--help'], { verb: 'help', topic: 'plan' }],
    [['reconcile', '-h'], { verb: 'help', topic: 'reconcile' }],
    [['--version'], { verb: 'version' }],
    [
      ['validate', 'a.yaml', 'dir'],
      { verb: 'validate', paths: ['a.yaml', 'dir'], output: 'text', flags: {} },
    ],
    [
      ['validate', '--facts', 'facts.json', '.'],
      { verb: 'validate', paths: ['.'], output: 'text', flags: {}, facts: 'facts.json' },
    ],
    [
      ['plan', '--worktree', '.'],
      { verb: 'plan', worktree: '.', forecast: false, output: 'text', flags: {} },
    ],
    [['plan', '--markdown'], { verb: 'plan', forecast: false, output: 'markdown', flags: {} }],
    [
      ['plan', '--post-comment', '--pull-request', '7'],
      { verb: 'plan', pullRequest: 7, forecast: false, output: 'text', flags: {} },
    ],
    [['run', '--only', 'review'], { verb: 'run', only: 'review', once: false, flags: {} }],
    [
      ['reconcile', '--ref=v1', '--repository', '/srv/git', '--output', 'json'],
      { verb: 'reconcile', output: 'json', flags: { ref: 'v1', repository: '/srv/git' } },
    ],
    [
      ['reconcile', '--accept-rewritten-history', 'abc'],
      { verb: 'reconcile', output: 'text', flags: { acceptRewrittenHistory: 'abc' } },
    ],
    [['validate', '.', '--output', 'sarif'], { verb: 'validate', paths: ['.'], output: 'sarif', flags: {} }],
    [
      ['explain-field', 'wekacluster.spec', '--recursive'],
      { verb: 'explain-field', target: 'wekacluster.spec', recursive: true, output: 'text' },
    ],
    [
      ['explain', 'deployment/a/b', 'spec.replicas', '--output=json'],
      { verb: 'explain', target: 'deployment/a/b', field: 'spec.replicas', output: 'json', flags: {} },
    ],
    [
      ['explain', 'node/a', '--worktree', '.'],
      { verb: 'explain', target: 'node/a', worktree: '.', output: 'text', flags: {} },
    ],
    [['demo', '--keep'], { verb: 'demo', keep: true }],
    [
      ['preflight', '--nodes', 'a,b', '--nodes', 'c', '--failed-only', '--facts', 'f.json'],
      {
        verb: 'preflight',
        nodes: ['a', 'b', 'c'],
        failedOnly: true,
        facts: 'f.json',
        output: 'text',
        flags: {},
      },
    ],
    [['preflight'], { verb: 'preflight', output: 'text', flags: {} }],
    [['install'], { verb: 'install', ...INSTALL }],
    [
      [
        'install',
        '--serverless',
        '--planner',
        '--image',
        'i:1',
        '--secret',
        's',
        '--pull-secret',
        'p',
        '--wait',
        '0',
      ],
      {
        verb: 'install',
        ...INSTALL,
        schedule: '*/5 * * * *',
        planner: true,
        image: 'i:1',
        secret: 's',
        pullSecret: 'p',
        waitSeconds: 0,
      },
    ],
    [
      ['install', '--export', '--config', 'c.yaml'],
      { verb: 'install', ...INSTALL, export: true, flags: { config: 'c.yaml' } },
    ],
    [['uninstall', '--yes'], { verb: 'uninstall', yes: true, waitSeconds: 180, output: 'text', flags: {} }],
  ])('%j is %j', (argv, command) => {
    expect(parseCommand(argv)).toEqual(command);
  });

  it('with a misspelt command names the nearest', () => {
    expect(complaint('reconsile')).toBe(
      'There is no command "reconsile". Did you mean weka-gitops reconcile?',
    );
    expect(complaint('frobnicate')).toBe(
      'There is no command "frobnicate". weka-gitops help lists the commands.',
    );
  });

  it('with a misspelt option names the nearest', () => {
    expect(complaint('plan', '--ouptut', 'json')).toBe(
      'weka-gitops plan has no option --ouptut. Did you mean --output?',
    );
  });

  it('with an option of another command is refused', () => {
    expect(complaint('reconcile', '--worktree', '.')).toContain(
      'weka-gitops reconcile has no option --worktree.',
    );
  });

  it('without a needed value or argument is refused', () => {
    expect(complaint('plan', '--output')).toContain('--output');
    expect(complaint('validate')).toBe(
      'weka-gitops validate needs a file or a folder. weka-gitops validate . checks all manifests below this folder.',
    );
  });

  it.each([
    [['run', '--only', 'plans'], '--only "plans" is not known.'],
    [['run', '--only', 'review', '--once'], '--once makes a pass, and --only review makes none.'],
    [['plan', '--post-comment'], '--post-comment and --pull-request go together.'],
    [['plan', '--pull-request', '7'], '--post-comment and --pull-request go together.'],
    [['plan', '--post-comment', '--pull-request', '#7'], '--pull-request "#7" is not a number.'],
    [['plan', '--post-comment', '--pull-request', '7', '--worktree', '.'], '--worktree plans files,'],
  ])('about pull requests that makes no sense is refused: %j', (argv, said) => {
    expect(complaint(...argv)).toContain(said);
  });

  it.each([
    [['install', '--schedule', '0 * * * *'], '--schedule goes with --serverless.'],
    [['install', '--serverless', '--schedule', 'nonsense'], '--schedule "nonsense" has 1 field'],
    [['install', '--serverless', '--schedule', '61 * * * *'], 'which goes from 0 to 59'],
    [['install', '--image', ''], '--image "" is no image.'],
    [['install', '--export', '--dry-run'], '--export writes nothing to the cluster'],
    [['install', '--export', '--output', 'json'], '--export prints YAML and nothing else.'],
    [['install', '--wait', 'soon'], '--wait "soon" is not a number of seconds.'],
    [['uninstall', '--output', 'html'], '--output html is not known. It is text or json.'],
  ])('about an installation that makes no sense is refused: %j', (argv, said) => {
    expect(complaint(...argv)).toContain(said);
  });

  it('with an argument too many is refused', () => {
    expect(complaint('explain-field')).toBe(
      'weka-gitops explain-field needs a kind or a field. weka-gitops explain-field wekacluster.spec.image says what that field means.',
    );
    expect(complaint('explain')).toMatch(
      /^weka-gitops explain needs something to explain\. weka-gitops explain /,
    );
    expect(complaint('explain', 'a', 'b', 'c')).toContain('weka-gitops explain takes no "c".');
    expect(complaint('explain-field', 'a', 'b')).toContain('weka-gitops explain-field takes no "b".');
    expect(complaint('plan', 'now')).toContain('weka-gitops plan takes no "now".');
  });

  it('with an unknown format is refused', () => {
    expect(complaint('validate', '.', '--output', 'yaml')).toBe(
      '--output yaml is not known. It is text, json, markdown, html, sarif or github.',
    );
    expect(complaint('plan', '--output', 'sarif')).toBe(
      '--output sarif is not known. It is text, json, markdown or html.',
    );
    expect(complaint('explain-field', 'a', '--output', 'markdown')).toBe(
      '--output markdown is not known. It is text or json.',
    );
    expect(complaint('plan', '--output', 'yaml')).toBe(
      '--output yaml is not known. It is text, json, markdown or html.',
    );
  });
});
