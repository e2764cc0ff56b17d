import { Buffer } from 'node:buffer';
import type { HostPath } from './host.ts';

/** A path or a name as text. */
export function shown(path: HostPath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** The last part of a path, as text. */
export function baseName(path: HostPath): string {
  return shown(path.slice(path.lastIndexOf('/') + 1));
}
