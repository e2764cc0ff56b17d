import { clip, oneLine } from '../../core/report/plain.ts';

/** One request to the API server, as its errors tell of it. */
export interface Call {
  readonly method: string;
  readonly path: string;
}

/** What a path asks for. */
export interface Target {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Undefined for a path that names no resource, such as `/version`. */
export function targetOf(path: string): Target | undefined {
  const [root, ...rest] = path.split('/').filter((part) => part !== '');
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'apis' ? (rest[0] ?? '') : '';
  const parts = rest.slice(root === 'apis' ? 2 : 1).map(decodeURIComponent);
  // `/namespaces/NAME` alone is the namespace itself.
  const [first, second, third, fourth] = parts;
  if (first === undefined) return undefined;
  if (first === 'namespaces' && third !== undefined) {
    return { group, resource: third, namespace: second, name: fourth };
  }
  return { group, resource: first, namespace: undefined, name: second };
}

/** `configmaps/settings in namespace weka`, `storageclasses`, or the path. */
export function describeTarget(path: string): string {
  const target = targetOf(path);
  if (target === undefined) return clip(oneLine(path), 200);
  const { resource, namespace, name } = target;
  const what = name === undefined ? resource : `${resource}/${name}`;
  return clip(oneLine(namespace === undefined ? what : `${what} in namespace ${namespace}`), 400);
}

/** Whether an answer to this call may hold a Secret's value. */
export function isAboutSecret({ path }: Call): boolean {
  return targetOf(path)?.resource === 'secrets';
}

/** The verb that RBAC knows the call by. Server-side apply needs `create` too where the object is new. */
export function verbOf({ method, path }: Call): string {
  switch (method) {
    case 'GET': {
      const target = targetOf(path);
      return target !== undefined && target.name === undefined ? 'list' : 'get';
    }
    case 'PUT':
      return 'update';
    case 'POST':
      return 'create';
    default:
      return method.toLowerCase();
  }
}
