import type { DriversDecision } from '../../../../reconciler/core/drivers/decision.ts';

/** Cells in words: `built 4.4.5/6.8.0-45-generic/x86_64 on node-a`. */
export function cellsOf({ seen }: DriversDecision): readonly string[] {
  return seen.cells.map(({ state, target: about, nodes, service: at }) => {
    const { version, kernel, architecture, buildId } = about;
    const build = [version, kernel, architecture, ...(buildId === undefined ? [] : [buildId])].join('/');
    return `${state} ${build} at ${at?.key ?? 'nowhere'} for ${nodes.join(' and ') || 'nobody'}`;
  });
}

/** Pods in words: `build 4.4.5/6.8.0-45-generic on node-a by WekaPolicy/weka/drivers`. */
export function podsOf({ pods }: DriversDecision): readonly string[] {
  return pods.map(({ does, target: about, node: on, owner, live, again }) => {
    const made = live === undefined ? '' : again === undefined ? ' (stays)' : ' (again)';
    const where = on === '' ? '' : ` on ${on}`;
    return `${does} ${about.version}/${about.kernel}${where} by ${owner.split('/').slice(2).join('/')}${made}`;
  });
}

/** What nodes are newly asked. */
export function asked({ intents }: DriversDecision): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    intents.filter(({ does }) => does.length > 0).map(({ node: name, does }) => [name, does]),
  );
}
