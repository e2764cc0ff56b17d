import { isRecord } from '../../core/kube/json.ts';
import { type KubeObject, type ObjectId, objectId } from '../../core/kube/object.ts';

/** Wanted objects, so that one in the cluster need not hold again what it has in common with them. */
export class WantedValues {
  #wanted: readonly KubeObject[] = [];
  /** Made when the first is asked for: a pass from memory asks for none. */
  #byId: ReadonlyMap<ObjectId, KubeObject> | undefined;

  constructor(wanted: readonly KubeObject[] = []) {
    this.#wanted = wanted;
  }

  /** From now on these are wanted. */
  see(wanted: readonly KubeObject[]): void {
    this.#wanted = wanted;
    this.#byId = undefined;
  }

  /** `object` with the values of the wanted one in place of equal ones of its own. */
  shared(object: KubeObject): KubeObject {
    this.#byId ??= new Map(this.#wanted.map((each) => [objectId(each), each]));
    return sharing(object, this.#byId.get(objectId(object)));
  }
}

/** `have`, made of the parts of `want` as far as those are equal. */
export function sharing<Value>(have: Value, want: unknown): Value {
  return part(have, want) as Value;
}

function part(have: unknown, want: unknown): unknown {
  if (have === want) return want;
  if (Array.isArray(have)) return Array.isArray(want) ? list(have, want) : have;
  return isRecord(have) && isRecord(want) ? members(have, want) : have;
}

function list(have: readonly unknown[], want: readonly unknown[]): readonly unknown[] {
  let shared: unknown[] | undefined;
  let isSame = have.length === want.length;
  for (const [index, own] of have.entries()) {
    const each = part(own, want[index]);
    if (each !== want[index]) isSame = false;
    if (each === own) continue;
    shared ??= [...have];
    shared[index] = each;
  }
  return isSame ? want : (shared ?? have);
}

function members(
  have: Readonly<Record<string, unknown>>,
  want: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(have);
  const wanted = Object.keys(want);
  let shared: Record<string, unknown> | undefined;
  let isSame = names.length === wanted.length;
  for (const [index, name] of names.entries()) {
    const own = have[name];
    // In another order it would read differently.
    if (name !== wanted[index]) isSame = false;
    if (!Object.hasOwn(want, name)) {
      isSame = false;
      continue;
    }
    const each = part(own, want[name]);
    if (each !== want[name]) isSame = false;
    // Equal texts are not told apart, so each of them is put in.
    if (each === own && typeof each !== 'string') continue;
    shared ??= { ...have };
    shared[name] = each;
  }
  return isSame ? want : (shared ?? have);
}
