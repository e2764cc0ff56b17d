import type { ObjectId } from '../kube/object.ts';
import { builderWants, type CellWant, isFor, meetNeeds, mergeWants, policyWants } from './cell-wants.ts';
import { comingKernel } from './coming-kernels.ts';
import type { RegistryAnswers } from './decision.ts';
import { type Need, needsOf } from './needs.ts';
import type { Pins } from './pins.ts';
import { knownKernel, type Situation } from './situation.ts';
import { publishedBy } from './work-state.ts';

/** What nodes need: by the kernels that run, and then by those that they have headers of already. */
export function allNeeds(situation: Situation): ReturnType<typeof needsOf> {
  const running = [...situation.choices].flatMap(([node, { demand }]) => {
    const kernel = knownKernel(situation, node);
    return kernel === undefined ? [] : [{ demand, kernel }];
  });
  const coming = running.flatMap(({ demand, kernel }) => {
    const observed = situation.reports.get(demand.node)?.observed;
    const release = observed && comingKernel(observed);
    return release === undefined
      ? []
      : [{ demand, kernel: { ...kernel, kernel: release }, isComing: true as const }];
  });
  return needsOf([...running, ...coming]);
}

/** All cells, and which of them each node's need is met by. */
export function allWants(
  needs: readonly Need[],
  situation: Situation,
  pins: Pins,
  answers: RegistryAnswers,
): { readonly wants: readonly CellWant[]; readonly ofNode: ReadonlyMap<string, string> } {
  const met = meetNeeds(needs, situation, pins, answers);
  const ofNode = new Map(met.flatMap(({ want }) => want.nodes.map((node) => [node, want.key] as const)));
  const asked = mergeWants([...met.map(({ want }) => want), ...policyWants(situation)]);
  return { wants: mergeWants([...asked, ...builderWants(situation, asked)]), ofNode };
}

/** What containers are at work on: only what is still to come counts. */
export function atWork(
  wants: readonly CellWant[],
  { works, builders }: Pick<Situation, 'works' | 'builders'>,
  pins: Pins,
): ReadonlyMap<ObjectId, CellWant> {
  const busy = new Map<ObjectId, CellWant>();
  for (const { id, kind } of builders) {
    const work = works.find(({ order }) => order.does === 'build' && order.owner === id);
    if (kind !== 'container' || work === undefined || work.isLost || publishedBy(work) !== undefined)
      continue;
    const want = wants.find((each) => isFor(work, each));
    if (want?.service === undefined || pins.find(want.service.key, want.targets) !== undefined) continue;
    busy.set(id, want);
  }
  return busy;
}
