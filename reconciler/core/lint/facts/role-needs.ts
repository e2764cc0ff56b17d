import type { ClientSpec } from '../../../../schemas/weka/client-spec.ts';
import { clientSizingOf, sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { WekaCluster } from '../../../../schemas/weka-cluster.ts';
import { countedCores, diskGiB } from '../../desired/sizing.ts';
import { CLUSTER_ROLES } from '../../placement/cluster-role.ts';
import type { Shape, Wants } from '../../placement/wanted.ts';
import { type Role, ROLE_WORDS, ROLES } from '../cluster/roles.ts';

/** What the containers of one role ask of nodes. */
export interface RoleNeed {
  readonly role: Role;
  /** `drive`, `S3`. */
  readonly words: string;
  readonly containers: number;
  /** The field of the template that says how many there are, and that which says how many cores each has. */
  readonly field: string;
  readonly coresField: string;
  readonly shape: Shape;
  /** What a container should find under its persistence folder; 0 where that is not on the node. */
  readonly diskBytes: number;
}

const GIB = 2 ** 30;

/** What each role that a cluster asks for needs of nodes, where `wants` is all that it asks for. */
export function roleNeeds({ spec }: WekaCluster, { containers: wanted }: Wants): readonly RoleNeed[] {
  const sizing = sizingOf(spec);
  const shapes = new Map(wanted.map(({ shape }) => [shape.mode, shape]));
  return ROLES.flatMap(({ role, containers: field, cores: coresField }) => {
    const shape = shapes.get(modeOf(role));
    if (shape === undefined) return [];
    const cores = countedCores({ role, cores: shape.cores.data, extraCores: shape.cores.extra });
    const diskBytes = spec.globalPVC === undefined ? diskGiB(cores) * GIB : 0;
    return [
      { role, words: ROLE_WORDS[role], containers: sizing[field], field, coresField, shape, diskBytes },
    ];
  });
}

/** The mode of the pods of a role. */
export function modeOf(role: Role): string {
  return CLUSTER_ROLES.find((each) => each.role === role)?.mode ?? role;
}

/** What a client should find under the persistence folder of each of its nodes. */
export function clientDiskBytes(client: ClientSpec): number {
  return client.globalPVC === undefined ? diskGiB(clientSizingOf(client).cores) * GIB : 0;
}
