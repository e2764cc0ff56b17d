import { createHash, type Hash } from 'node:crypto';
import type { Brand } from '../../../core/kube/object.ts';

/** The SHA-1 of any git object, 40 hexadecimal digits. */
export type Oid = Brand<'Oid'>;

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** The hash that an object is named by, its content still to come. */
export function hashOf(type: ObjectType, size: number): Hash {
  return createHash('sha1').update(`${type} ${size}\0`);
}

/** An object that is not what it should be. */
export class ObjectError extends Error {}

/** An object of another type than what was asked for. */
export class ObjectKindError extends ObjectError {
  readonly oid: Oid;
  readonly type: string;

  constructor(oid: Oid, type: string, wanted: string, cause?: unknown) {
    super(`Object ${oid} is a ${type}, not a ${wanted}.`, { cause });
    this.oid = oid;
    this.type = type;
  }
}
