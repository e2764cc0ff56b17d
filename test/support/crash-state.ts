import { Status } from '../../schemas/output/status.ts';
import { applySetId } from '../../reconciler/core/desired/ownership.ts';
import type { World } from './crash-world.ts';

/** All that a pass leaves behind, in a form that is the same for every world in which the same happened. */
export type EndState = Readonly<Record<string, unknown>>;

interface LiveObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly unknown[];
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly fieldsV1: unknown;
    }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What a namespace of a story may hold. */
const RESOURCES = [
  'api/v1/configmaps',
  'api/v1/secrets',
  'api/v1/services',
  'api/v1/pods',
  'api/v1/persistentvolumeclaims',
  'apis/apps/v1/deployments',
  'apis/apps/v1/daemonsets',
  'apis/apps/v1/statefulsets',
  'apis/batch/v1/jobs',
  'apis/batch/v1/cronjobs',
  'apis/networking.k8s.io/v1/networkpolicies',
  'apis/policy/v1/poddisruptionbudgets',
];

/** What the API server or a controller picks as it likes. */
const PICKED = ['clusterIP', 'clusterIPs', 'nodeName', 'status', 'claimRef', 'volumeName'];
const NOT_OURS = /^(deployment|pv|volume)(\.beta)?\.kubernetes\.io\//;

/** Looks at a world again and again, and remembers since when each object is there. */
export class Observer {
  readonly #world: World;
  /** By UID, the step in which the object was first seen. */
  readonly #born = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How things stand after `step`. */
  async look(step: string): Promise<EndState> {
    const [objects, status] = await Promise.all([this.#objects(step), this.#status()]);
    return this.#anonymous({ objects, status, commits: await this.#commits() });
  }

  async #objects(step: string): Promise<object> {
    const { cluster, namespace, monitoringNamespace, systemNamespace } = this.#world;
    const list = async (path: string): Promise<[string, LiveObject][]> => {
      const { items } = await cluster.api.json<{ items: LiveObject[] }>('GET', path);
      const [, kind = ''] = /([a-z]+)(?:\?.*)?$/.exec(path) ?? [];
      const place = path.includes(systemNamespace)
        ? 'system '
        : path.includes(`${monitoringNamespace}/`)
          ? 'monitoring '
          : '';
      return items.map((item) => [`${place}${kind}`, item]);
    };
    const named = `?fieldSelector=metadata.name%3D`;
    const namespaces = [namespace, monitoringNamespace, systemNamespace];
    const lists = await Promise.all([
      ...namespaces.flatMap((within) =>
        RESOURCES.map((resource) => list(`/${resource.replace(/(.*)\//, `$1/namespaces/${within}/`)}`)),
      ),
      ...namespaces.map((name) => list(`/api/v1/namespaces${named}${name}`)),
      list(`/apis/scheduling.k8s.io/v1/priorityclasses${named}${namespace}-targeted-no-evict`),
      list(`/apis/scheduling.k8s.io/v1/priorityclasses${named}${namespace}-initial-no-evict`),
      list(`/apis/storage.k8s.io/v1/storageclasses${named}${namespace}`),
      list(`/api/v1/persistentvolumes${named}${namespace}`),
    ]);
    const ours = lists.flat().filter(([, { metadata }]) => {
      const controlled = metadata.ownerReferences !== undefined;
      return !controlled && metadata.name !== 'kube-root-ca.crt';
    });
    const authority = ours
      .filter(([kind, { metadata }]) => kind === 'system configmaps' && metadata.name.endsWith('-drivers'))
      .map(([, { data }]) => (data as Record<string, string> | undefined)?.['ca.crt']);
    return Object.fromEntries(
      ours
        .map(([kind, object]): [string, object] => {
          const { uid, name } = object.metadata;
          if (!this.#born.has(uid)) this.#born.set(uid, step);
          this.#names.set(uid, `uid of ${kind} ${name} since ${this.#born.get(uid)}`);
          return [
            `${kind} ${name}`,
            { since: this.#born.get(uid), ...told(object), ...issued(object, authority) },
          ];
        })
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  /** What the branch says apart from times, and from how well the cluster does meanwhile. */
  async #status(): Promise<unknown> {
    const { repository, statusRef } = this.#world;
    if ((await repository.resolve(statusRef)) === undefined) return undefined;
    const text = await repository.file('status.json', statusRef);
    // To what the commit has come goes by how far the objects are, and by hashes of identities.
    const parsed = Status.parse(JSON.parse(text));
    const { at: _, digest: __, lastPass: ___, end: ____, objects, ...status } = parsed;
    const [listed, told, page] = await Promise.all([
      repository.git(['ls-tree', '-r', '--name-only', statusRef]),
      repository.git(['log', '--format=%(trailers:key=Weka-Gitops-Commit,valueonly)', statusRef]),
      repository.file('README.md', statusRef),
    ]);
    const paths = listed.split('\n');
    return {
      ...status,
      objects: objects.map(({ target }) => target),
      files: paths.filter((path) => !path.startsWith('history/')),
      told: [...new Set(told.split('\n').filter(Boolean))],
      headline: page.split('\n').find((line) => line.startsWith('### ')),
    };
  }

  async #commits(): Promise<readonly string[]> {
    return (await this.#world.repository.git(['log', '--reverse', '--format=%H', 'main'])).split('\n');
  }

  /** Names of one world in place of another's. */
  #anonymous(state: EndState & { readonly commits: readonly string[] }): EndState {
    const { id, namespace, systemNamespace } = this.#world;
    let text = JSON.stringify(state);
    const replace = (from: string, to: string): void => void (text = text.replaceAll(from, to));
    for (const [index, sha] of state.commits.entries()) {
      replace(sha, `commit-${index + 1}`);
      replace(sha.slice(0, 7), `commit-${index + 1}`);
    }
    for (const [uid, name] of this.#names) replace(uid, name);
    replace(applySetId({ name: namespace, namespace: systemNamespace }), 'APPLYSET');
    replace(id, 'ID');
    // A digest over what has the names of a world in it.
    text = text.replaceAll(/(\\"how\\":\\")[0-9a-f]{64}/g, '$1HOW');
    // Since when all is suspended.
    text = text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
    return JSON.parse(text) as EndState;
  }
}

/** What is issued is another each time: all that is said of it is whether it is what the authority is known by. */
function issued({ data }: LiveObject, authority: readonly (string | undefined)[]): object {
  if (typeof data !== 'object' || data === null) return {};
  const values = Object.entries(data).map(([key, value]) => {
    const text = String(value);
    const plain = text.startsWith('LS0tLS1CRUdJTi') ? Buffer.from(text, 'base64').toString() : text;
    if (!plain.startsWith('-----BEGIN ')) return [key, text];
    return [key, authority.includes(plain) ? 'AUTHORITY' : 'ISSUED'];
  });
  return { data: Object.fromEntries(values) as unknown };
}

function told({ metadata, spec, status: _, ...rest }: LiveObject): object {
  const { labels, annotations = {}, generation, deletionTimestamp, managedFields = [] } = metadata;
  return {
    ...rest,
    labels,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !NOT_OURS.test(key))),
    generation,
    going: deletionTimestamp !== undefined,
    ...(spec && { spec: Object.fromEntries(Object.entries(spec).filter(([key]) => !PICKED.includes(key))) }),
    owned: managedFields
      .filter(({ manager, operation }) => manager === 'weka-gitops' && operation === 'Apply')
      .map(({ fieldsV1 }) => fieldsV1),
  };
}
