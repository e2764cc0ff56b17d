import { describe, expect, it } from 'vitest';
import { explain, ReconcilerError } from '../../../../reconciler/errors.ts';
import { parseLocation } from '../../../../reconciler/world/git/url.ts';

function refusal(address: string): string {
  try {
    parseLocation(address);
  } catch (error) {
    if (error instanceof ReconcilerError) return explain(error);
    throw error;
  }
  throw new Error(`${address} was not refused.`);
}

describe('parseLocation', () => {
  it('takes http and https, without a slash at the end', () => {
    expect(parseLocation('https://git.example.com/team/specs.git/')).toEqual({
      kind: 'http',
      url: 'https://git.example.com/team/specs.git',
    });
  });

  it('keeps credentials apart from the address', () => {
    expect(parseLocation('https://ada:p%40ss@git.example.com/specs')).toEqual({
      kind: 'http',
      url: 'https://git.example.com/specs',
      username: 'ada',
      password: 'p@ss',
    });
  });

  it('takes a path as it is', () => {
    expect(parseLocation('/srv/specs.git')).toEqual({ kind: 'local', path: '/srv/specs.git' });
    expect(parseLocation('./specs')).toEqual({ kind: 'local', path: `${process.cwd()}/specs` });
  });

  it.each(['ssh://git@git.example.com:22/team/specs.git', 'git@git.example.com:team/specs.git'])(
    'refuses %s and names the https address',
    (address) => {
      expect(refusal(address)).toContain(
        'ssh is not spoken.\n  hint: Use https://git.example.com/team/specs.git,',
      );
    },
  );

  it('refuses file:// and names the path', () => {
    expect(refusal('file:///srv/specs.git')).toBe(
      'REPOSITORY_URL: The repository\'s address "file:///srv/specs.git" cannot be used: file:// addresses are not read.\n' +
        '  hint: Give the plain path: /srv/specs.git',
    );
  });

  it.each([
    'git://git.example.com/specs',
    'ext::sh -c touch% /tmp/x',
    'ftp://git.example.com/specs',
    '',
    'https://',
  ])('refuses %j', (address) => {
    expect(refusal(address)).toMatch(
      /^REPOSITORY_URL: .* cannot be used: .*\n {2}hint: Use https:\/\/HOST\/PATH/,
    );
  });

  it.each(['ssh://ada:s3cret@host/x', 'git+foo://ada:s3cret@host/x', 'https://ada:s3cret@host/x?y=1'])(
    'prints no password of %s',
    (address) => {
      expect(refusal(address)).not.toContain('s3cret');
    },
  );
});
