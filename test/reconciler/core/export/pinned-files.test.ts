import { describe, expect, it } from 'vitest';
import type { PinnedPackage } from '../../../../reconciler/core/drivers/lock.ts';
import { pinnedFiles } from '../../../../reconciler/core/export/pinned-files.ts';
import { aPackage } from '../../../nodeagent/plan/driver-builders.ts';

const URL = 'https://drivers.weka.io/dist/v1/drivers/4.4.5.tar.gz';

function pinned(service: string, version = '4.4.5', more: Partial<PinnedPackage> = {}): PinnedPackage {
  return {
    service,
    package: aPackage(version),
    origin: { kind: 'builder', pod: 'weka/builder' },
    commit: 'c',
    ...more,
  };
}

describe('the files of a mirror', () => {
  it('are each there once, whichever services they are pinned for, from the cluster first', () => {
    const origin = { kind: 'registry', url: URL } as const;
    const files = pinnedFiles([
      pinned('weka/second', '4.4.6'),
      pinned('weka/dist', '4.4.5', { origin }),
      pinned('weka/second', '4.4.5', { origin }),
    ]);
    expect(files).toEqual([
      {
        package: aPackage('4.4.5'),
        services: ['weka/dist', 'weka/second'],
        sources: [
          { kind: 'service', namespace: 'weka', name: 'dist' },
          { kind: 'address', url: URL },
          { kind: 'service', namespace: 'weka', name: 'second' },
        ],
      },
      {
        package: aPackage('4.4.6'),
        services: ['weka/second'],
        sources: [{ kind: 'service', namespace: 'weka', name: 'second' }],
      },
    ]);
  });

  it('stay apart where services have different bytes under one name', () => {
    const other = { ...aPackage('4.4.5'), sha256: 'f'.repeat(64) };
    const lock = [pinned('weka/dist'), pinned('weka/second', '4.4.5', { package: other })];
    expect(pinnedFiles(lock).map(({ services, others }) => [services, others])).toEqual([
      [['weka/dist'], ['weka/second']],
      [['weka/second'], ['weka/dist']],
    ]);
    const [alone] = pinnedFiles(lock, { service: 'weka/second' });
    expect(alone?.package.sha256).toBe(other.sha256);
    expect(alone).not.toHaveProperty('others');
  });

  it('of a service that is an address come from there, by the address of the package', () => {
    const [file] = pinnedFiles([pinned('http://mirror.example.com/weka/')]);
    const url = 'http://mirror.example.com/weka/dist/v1/drivers/4.4.5.tar.gz';
    expect(file?.sources).toEqual([{ kind: 'address', url }]);
  });

  it('come all from an address that is given, with the name that the certificate of a Service has', () => {
    const files = pinnedFiles([pinned('weka/dist'), pinned('https://a.example.com', '4.4.6')], {
      from: 'https://127.0.0.1:60002/',
    });
    const at = (file: string) => `https://127.0.0.1:60002/dist/v1/drivers/${file}`;
    expect(files.flatMap(({ sources }) => sources)).toEqual([
      { kind: 'address', url: at('4.4.5.tar.gz'), serverName: 'dist.weka.svc.cluster.local' },
      { kind: 'address', url: at('4.4.6.tar.gz') },
    ]);
  });
});
