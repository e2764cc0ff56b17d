import { describe, expect, it } from 'vitest';
import { settingsFaults } from '../../../../../reconciler/core/lint/references/settings-faults.ts';

describe('Settings that can name nothing', () => {
  it.each([
    [{ external: { secrets: ['Weka/pull'] } }, 'spec.external.secrets.0'],
    [{ external: { clusters: ['weka/demo', 'weka/de_mo'] } }, 'spec.external.clusters.1'],
    [{ external: { configMaps: ['weka/Trust'] } }, 'spec.external.configMaps.0'],
    [{ windows: [{ schedule: '0 25 * * *', duration: '8h', allow: ['drive'] }] }, 'spec.windows.0.schedule'],
    [{ windows: [{ schedule: '0 0 30 2 *', duration: '8h', allow: ['drive'] }] }, 'spec.windows.0.schedule'],
    [{ windows: [{ schedule: '0 22 * * 5', duration: '0s', allow: ['drive'] }] }, 'spec.windows.0.duration'],
    [
      { windows: [{ schedule: '0 22 * * 5', duration: '8h', timeZone: 'Berlin' }] },
      'spec.windows.0.timeZone',
    ],
  ])('%j', (spec, path) => {
    expect([...settingsFaults(spec)].map((fault) => fault.path.join('.'))).toEqual([path]);
  });

  it('are not those that name what there can be', () => {
    const spec = {
      external: { secrets: ['weka/quay-io.robot-secret'], clusters: ['storage/demo'] },
      windows: [{ schedule: '0 22 * * 5', duration: '8h', timeZone: 'Europe/Berlin', allow: ['drive'] }],
    };
    expect([...settingsFaults(spec)]).toEqual([]);
  });

  it('leaves to the schema what has the wrong form', () => {
    expect([...settingsFaults({ external: { secrets: [1, 'pull', 'a/b/c'] }, windows: 'never' })]).toEqual(
      [],
    );
    expect([...settingsFaults(undefined)]).toEqual([]);
  });
});
