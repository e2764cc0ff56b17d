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
    [
      'dist',
      {
        verb: 'dist',
        folder: '/opt/weka/dist',
        tls: '/var/run/secrets/weka-gitops/tls',
        inUse: '/var/run/weka-gitops/in-use/packages.json',
      },
    ],
    [
      'dist --folder /f --tls /t --in-use /u --listen [::1]:60002',
      { verb: 'dist', folder: '/f', tls: '/t', inUse: '/u', listen: { host: '::1', port: 60002 } },
    ],
    ['build', { verb: 'build', tls: '/var/run/secrets/weka-gitops/upload', result: '/dev/termination-log' }],
    ['fetch --tls /t --result /r', { verb: 'fetch', tls: '/t', result: '/r' }],
    ['load', { verb: 'load', result: '/dev/termination-log' }],
    [
      'keep-key',
      {
        verb: 'keep-key',
        folder: '/var/run/secrets/weka-operator/module-signing',
        socket: '/var/run/weka-gitops/signing/socket',
      },
    ],
    ['keep-key --folder /f --socket /s', { verb: 'keep-key', folder: '/f', socket: '/s' }],
    ['copy-programs /programs', { verb: 'copy-programs', folder: '/programs' }],
    ['fetch --help', { verb: 'help' }],
  ])('%s', (line, command) => {
    expect(parseCommand(line.split(' '))).toEqual(command);
  });

  it('is told of in the help, whatever its verb', () => {
    const verbs = ['observe', 'run', 'drivers', 'dist', 'build', 'fetch', 'load', 'keep-key'];
    for (const verb of [...verbs, 'copy-programs DIR']) {
      expect(USAGE).toContain(`\n  ${verb} `);
    }
  });
});
