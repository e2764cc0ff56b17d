import { ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';

/** Objects by their oid, asked for one after the other. What is damaged throws an ObjectError. */
export interface ObjectStore extends AsyncDisposable {
  /** The size of the object's content, without unpacking it; undefined where the object is not here. */
  size(oid: Oid): Promise<number | undefined>;
  read(oid: Oid): Promise<GitObject | undefined>;
}

/** The content of an object that has to be here, and of this type. */
export async function contentOf(objects: ObjectStore, oid: Oid, type: ObjectType): Promise<Buffer> {
  const object = await objects.read(oid);
  if (object === undefined) throw new ObjectError(`Object ${oid} is missing.`);
  if (object.type !== type) throw new ObjectError(`Object ${oid} is a ${object.type}, not a ${type}.`);
  return object.content;
}
