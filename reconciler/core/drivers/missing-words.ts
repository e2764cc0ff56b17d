import { buildPlace } from './build-place.ts';
import type { Builder } from './builders.ts';
import type { CellWant } from './cell-wants.ts';
import type { DriverCell, RegistryAnswer } from './drivers.ts';
import type { Situation } from './situation.ts';

/** Why a cell has no package and gets none, and what to configure. */
export interface MissingWords extends Pick<DriverCell, 'why' | 'hint'> {
  readonly state: 'missing';
}

type Known = Pick<Situation, 'builders' | 'services' | 'nodes' | 'kernels' | 'reports' | 'input'>;

/** Builders that make this version for the service, by their order; none where Settings say that nothing is built. */
export function ableBuilders({ service, targets }: CellWant, { builders, input }: Known): readonly Builder[] {
  if (!input.settings.drivers.builder) return [];
  return builders.filter(
    (builder) =>
      builder.service === service?.key &&
      (builder.version === undefined || builder.version === targets[0].version),
  );
}

/** Whether a builder would build it now. */
export function isBuildable(want: CellWant, known: Known): boolean {
  return ableBuilders(want, known).some((builder) => 'node' in buildPlace(known, builder, want.targets[0]));
}

type OpenAnswer = Extract<RegistryAnswer, { readonly state: 'unknown' | 'not-asked' }>;

/** An answer that leaves open whether the registry has it; undefined where that is known, or it may never be asked. */
export function openAnswer(answer: RegistryAnswer): OpenAnswer | undefined {
  const isOpen = answer.state === 'unknown' || (answer.state === 'not-asked' && answer.isForNow === true);
  return isOpen ? answer : undefined;
}

/** What is told of a build that begins only once the registry is known not to have it. */
export function registryAwaited({ why, hint }: OpenAnswer, { input }: Known): MissingWords {
  const { registry } = input.settings.drivers;
  return {
    state: 'missing',
    why: `${why} Nothing is built while the registry may have it ready.`,
    hint:
      hint ??
      `See that the reconciler reaches ${registry}, or name a mirror that it reaches; to have all built without asking, let ceilings.driverRegistries of the configuration be empty.`,
  };
}

/** What is told of a service of others that has nothing, or did not answer. */
export function registryLacks(
  want: CellWant,
  answer: RegistryAnswer | undefined,
  known: Known,
): MissingWords {
  const { service, targets } = want;
  const address = service?.url ?? '';
  if (address.startsWith('file:')) {
    return {
      state: 'missing',
      why: `${address} is a folder, which agents of nodes do not read.`,
      hint: 'Name a service: https://drivers.weka.io, or one in the cluster.',
    };
  }
  if (answer?.state === 'has-not') {
    const { why: cannot, hint } = buildWords(want, known);
    return {
      state: 'missing',
      why: `${address} has no ${targetWords(targets[0])}. ${cannot}`,
      hint,
    };
  }
  const told = answer?.state === 'unknown' || answer?.state === 'not-asked' ? answer : undefined;
  return {
    state: 'missing',
    why: told?.why ?? `${address} was not asked.`,
    hint:
      told?.hint ??
      `See that the reconciler can reach ${address}, or build drivers in the cluster with a WekaPolicy of type enable-local-drivers-distribution.`,
  };
}

/** Why neither a registry nor a builder makes it. */
export function nobodyMakes(want: CellWant, answer: RegistryAnswer | undefined, known: Known): MissingWords {
  const { why, hint } = buildWords(want, known);
  return { state: 'missing', why: `${registryWords(answer, want, known)}${why}`, hint };
}

function registryWords(answer: RegistryAnswer | undefined, want: CellWant, { input }: Known): string {
  const { registry } = input.settings.drivers;
  switch (answer?.state) {
    case undefined:
      return '';
    case 'unknown':
    case 'not-asked':
      return `${answer.why} `;
    case 'has-not':
      return `${registry} has no ${targetWords(want.targets[0])}. `;
    case 'has':
      return `${registry} has them, but ${foreignWords(want).why ?? ''} `;
  }
}

/** Why nobody builds it, and what to configure. */
function buildWords(want: CellWant, known: Known): { readonly why: string; readonly hint: string } {
  const { service, targets, image } = want;
  const { services, builders, input } = known;
  const [target] = targets;
  if (!input.settings.drivers.builder) {
    return {
      why: 'Settings spec.drivers.builder says that nothing is built.',
      hint: 'Set spec.drivers.builder of Settings to true, or provide the package.',
    };
  }
  const isInCluster = service?.inCluster !== undefined;
  if (isInCluster && !services.has(service.key) && builders.every((each) => each.service !== service.key)) {
    const { why = '', hint = '' } = foreignWords(want);
    return { why, hint };
  }
  const candidates = isInCluster
    ? ableBuilders(want, known)
    : builders.filter(
        ({ version, service: key }) =>
          services.has(key) && (version === undefined || version === target.version),
      );
  for (const builder of candidates) {
    const place = buildPlace(known, builder, target);
    if (!('node' in place)) {
      return { why: place.why, hint: place.hint ?? 'Wait for a node that runs it.' };
    }
  }
  const dist = isInCluster ? services.get(service.key) : undefined;
  return {
    why: `No builder makes drivers of ${target.version}${isInCluster ? ` for ${service.key}` : ' in this cluster'}.`,
    hint:
      dist === undefined
        ? 'Add a WekaPolicy of type enable-local-drivers-distribution, which builds what is missing.'
        : `Add a WekaContainer of mode drivers-builder with image ${image} and uploadResultsTo: ${dist.dist}.`,
  };
}

/** What is told of a Service that others made. */
export function foreignWords({ service }: CellWant): MissingWords {
  return {
    state: 'missing',
    why: `Service ${service?.key ?? ''} is none that this repository makes, so that nothing can be brought there.`,
    hint: 'Add a WekaPolicy of type enable-local-drivers-distribution, and name its service; or name https://drivers.weka.io.',
  };
}

/** What is told of a manifest that names no service. */
export function unnamedWords({ asking }: CellWant, { services }: Known): MissingWords {
  const [service] = services.values();
  const own = service && `https://${service.name}.${service.namespace}.svc.cluster.local:${service.port}`;
  return {
    state: 'missing',
    why: `${asking} names no driversDistService.`,
    hint: `Set spec.driversDistService to https://drivers.weka.io${own === undefined ? '' : `, or to ${own}`}.`,
  };
}

/** `drivers of 4.4.5 for 6.8.0-45-generic (x86_64)`. */
export function targetWords({ version, kernel, architecture, buildId }: CellWant['targets'][0]): string {
  return `drivers of ${version} for ${kernel} (${[architecture, ...(buildId === undefined ? [] : [buildId])].join(', ')})`;
}
