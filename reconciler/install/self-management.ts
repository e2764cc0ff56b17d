import { kindOf } from '../core/kube/kinds.ts';
import { type GroupKind, groupOf, type KubeObject } from '../core/kube/object.ts';
import { type Account, bound, roleOf } from './account.ts';
import { isNeverJudged } from './admission-rules.ts';
import { kindsHeld } from './kinds-held.ts';
import { ownObjects, type OwnScope, selfRoleName } from './own-objects.ts';
import { byGroup, core, READ, type Rule, WRITE } from './rules.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ROLES: readonly Rule[] = [{ apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: READ }];

/**
 * What it takes to bring the installation up to date from the repository: to write exactly its own objects, by name, and to look for
 * them where they are. None of it lets an account give anybody more than it has: the API server sees to that, so that a
 * version that needs further rights is installed by a person. An account that only tries sees no Secrets, and has no right to write
 * admission policies, its own among them: none is held against that.
 */
export function selfManagement(
  account: Account,
  scope: OwnScope,
  { onlyTries }: { readonly onlyTries: boolean },
): readonly KubeObject[] {
  const name = selfRoleName(account);
  const { namespace, agentNamespace } = scope.names;
  const own = ownObjects(scope);
  const inPlace = (place: string | undefined) => own.filter(({ metadata }) => metadata.namespace === place);
  const seen = kindsHeld(['Pod' as GroupKind]).filter(
    ({ namespaced, kind }) => namespaced && (!onlyTries || kind !== 'Secret'),
  );
  const ownPlaces = [namespace, agentNamespace].map((place) =>
    roleOf(name, [...byGroup(seen, READ), ...ROLES, ...rulesToWrite(inPlace(place))], place),
  );
  const others = (scope.namespaces ?? [])
    .toSorted()
    .map((place) => roleOf(name, [...ROLES, ...rulesToWrite(inPlace(place))], place));
  const clusterWide = inPlace(undefined);
  return bound(
    [
      roleOf(name, [
        ...rulesToSee(clusterWide),
        ...rulesToWrite(onlyTries ? clusterWide.filter((each) => !isNeverJudged(each)) : clusterWide),
        // The planner has this right, and nobody may write a role that allows more than he may.
        core(['nodes'], ['get']),
        ...(scope.namespaces === undefined ? ROLES : []),
      ]),
      ...ownPlaces,
      ...others,
    ],
    account,
  );
}

function rulesToSee(objects: readonly KubeObject[]): readonly Rule[] {
  const kinds = new Set(objects.flatMap((object) => kindOf(object) ?? []));
  return byGroup([...kinds], READ);
}

/** The right to write each of these objects, and no other of its kind. */
function rulesToWrite(objects: readonly KubeObject[]): readonly Rule[] {
  const kinds = Map.groupBy(objects, (object) => kindOf(object));
  return [...kinds].flatMap(([kind, members]) =>
    kind === undefined
      ? []
      : [
          {
            apiGroups: [groupOf(kind.apiVersion)],
            resources: [kind.plural],
            resourceNames: [...new Set(members.map(({ metadata }) => metadata.name))].toSorted(),
            verbs: WRITE,
          },
        ],
  );
}
