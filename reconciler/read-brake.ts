import { type Brake, brakeNames, brakeOf } from './core/plan/brake.ts';
import type { Cluster, Interruptible } from './ports.ts';
import { configMapOf, type Installation } from './recorder.ts';

/** The brake as it is now, where `cluster` answers nothing from memory; `settings` is what Settings say of it. */
export async function readBrake(
  cluster: Pick<Cluster, 'get'>,
  set: Pick<Installation, 'name' | 'namespace'>,
  { settings, ...options }: Interruptible & { readonly settings?: string | undefined } = {},
): Promise<Brake | undefined> {
  return brakeOf({ ...(await readBrakes(cluster, set, options)), settings });
}

/** What people set up in the cluster, as it is there. */
export async function readBrakes(
  cluster: Pick<Cluster, 'get'>,
  { name, namespace }: Pick<Installation, 'name' | 'namespace'>,
  options: Interruptible,
): Promise<Parameters<typeof brakeOf>[0]> {
  const names = brakeNames(name);
  const [suspend, freeze] = await Promise.all([
    cluster.get(configMapOf({ namespace, name: names.suspend }), options),
    cluster.get(configMapOf({ namespace, name: names.freeze }), options),
  ]);
  return { suspend, freeze };
}
