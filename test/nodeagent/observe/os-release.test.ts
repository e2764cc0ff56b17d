import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOsRelease, persistenceFolder } from '../../../nodeagent/observe/os-release.ts';

describe('parseOsRelease', () => {
  it.each([
    [
      'Debian',
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nID=debian\n',
      { id: 'debian', versionId: '12', version: '12 (bookworm)' },
    ],
    [
      'Red Hat CoreOS',
      'ID="rhel"\nVARIANT_ID=coreos\nVERSION_ID="4.17"\nVERSION="417.94.202410090854-0"\nOSTREE_VERSION="417"\n',
      { id: 'rhel', variantId: 'coreos', versionId: '4.17', version: '417.94.202410090854-0' },
    ],
    [
      'Container-Optimized OS',
      'ID=cos\nVERSION=117\nVERSION_ID=117\nBUILD_ID=18613.75.66\n',
      { id: 'cos', version: '117', versionId: '117', buildId: '18613.75.66' },
    ],
  ])('reads that of %s', (_, text, os) => {
    expect(parseOsRelease(text)).toEqual(os);
  });

  it('says so where there is no ID', () => {
    expect(parseOsRelease('# ID=debian\nVERSION_ID=1\n')).toEqual({ unknown: 'os-release has no ID.' });
  });

  it('reads back any text that was quoted as a shell asks for', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\n\r]/.test(text));
    fc.assert(
      fc.property(line, (version) => {
        const quoted = `"${version.replaceAll(/["\\$`]/g, '\\$&')}"`;
        expect(parseOsRelease(`ID=x\nVERSION=${quoted}\n`)).toEqual({ id: 'x', version });
      }),
    );
  });
});

describe('persistenceFolder', () => {
  it.each([
    ['/opt/k8s-weka', { id: 'ubuntu' }],
    ['/opt/k8s-weka', { id: 'rhel' }],
    ['/opt/k8s-weka', undefined],
    ['/root/k8s-weka', { id: 'rhel', variantId: 'coreos' }],
    ['/root/k8s-weka', { id: 'rhcos' }],
    ['/mnt/stateful_partition/k8s-weka', { id: 'cos' }],
  ])('is %s for %o', (folder, os) => {
    expect(persistenceFolder(os)).toBe(folder);
  });
});
