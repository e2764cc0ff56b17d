import { describe, expect, it } from 'vitest';
import { USAGE } from '../../nodeagent/args/usage.ts';
import { parseCommand } from '../../nodeagent/args.ts';

describe('a command line', () => {
  it.each([
    [
      'run',
      {
        verb: 'run',
        root: '/',
        listen: { host: '127.0.0.1', port: 14299 },
        state: '/var/lib/weka-nodeagent',
      },
    ],
    ['run --state /s --listen=', { verb: 'run', root: '/', state: '/s' }],
    [
      'drivers --root /host',
      { verb: 'drivers', root: '/host', state: '/var/lib/weka-nodeagent', output: 'text' },
    ],
    ['dist', { verb: 'dist', folder: '/opt/weka/dist', tls: '/var/run/secrets/weka-gitops/tls' }],
    [
      'dist --folder /f --tls /t --listen [::1]:60002',
      { verb: 'dist', folder: '/f', tls: '/t', listen: { host: '::1', port: 60002 } },
    ],
    ['build', { verb: 'build', tls: '/var/run/secrets/weka-gitops/upload', result: '/dev/termination-log' }],
    ['fetch --tls /t --result /r', { verb: 'fetch', tls: '/t', result: '/r' }],
    ['load', { verb: 'load', result: '/dev/termination-log' }],
    ['copy-programs /programs', { verb: 'copy-programs', folder: '/programs' }],
    ['fetch --help', { verb: 'help' }],
  ])('%s', (line, command) => {
    expect(parseCommand(line.split(' '))).toEqual(command);
  });

  it('is told of in the help, whatever its verb', () => {
    for (const verb of ['observe', 'run', 'drivers', 'dist', 'build', 'fetch', 'load', 'copy-programs DIR']) {
      expect(USAGE).toContain(`\n  ${verb} `);
    }
  });
});
