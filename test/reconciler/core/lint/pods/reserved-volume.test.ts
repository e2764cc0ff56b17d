import { expect, it } from 'vitest';
import { reservedPath } from '../../../../../reconciler/core/lint/pods/reserved-volume.ts';

it.each([
  ['/opt/weka', '/opt/weka'],
  ['/opt/weka/', '/opt/weka'],
  ['/opt//weka/logs', '/opt/weka'],
  ['/opt/weka-tools', undefined],
  ['/opt/weka_runtime.py', '/opt/weka_runtime.py'],
  ['/etc/ssl/../wekaio', '/etc/wekaio'],
  ['/etc/ssl/certs', undefined],
  ['/etc/pki', undefined],
  ['/', '/'],
  ['/..', '/'],
])('a mount at %s meets %s', (path, expected) => {
  expect(reservedPath(path)).toBe(expected);
});
