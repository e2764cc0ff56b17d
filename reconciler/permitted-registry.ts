import { isAllowedRegistry } from './core/drivers/allowed-registry.ts';
import type { RegistryAnswers } from './core/drivers/decision.ts';
import type { RegistryAnswer } from './core/drivers/drivers.ts';
import type { DriverRegistry } from './ports.ts';

export interface RegistryLimits {
  /** The only registries that may be asked; any where unset. */
  readonly allowed: readonly string[] | undefined;
  /** Why nobody knows which registry the repository names: then none is asked, since what it says is trusted for good. */
  readonly doubt: string | undefined;
}

/** `registry` as far as it may be asked. A question that may not be is answered as unknown, with why. */
export function permittedRegistry(
  registry: DriverRegistry | undefined,
  { allowed, doubt }: RegistryLimits,
): DriverRegistry | undefined {
  if (registry === undefined || (allowed === undefined && doubt === undefined)) return registry;
  return {
    async ask(questions, options) {
      const open =
        doubt === undefined ? questions.filter((each) => isAllowedRegistry(each.registry, allowed)) : [];
      const answers: RegistryAnswers = open.length === 0 ? new Map() : await registry.ask(open, options);
      return new Map(
        questions.map((question): [string, RegistryAnswer] => [
          question.key,
          answers.get(question.key) ?? { state: 'unknown', why: whyNot(question.registry, doubt) },
        ]),
      );
    },
  };
}

function whyNot(registry: string, doubt: string | undefined): string {
  return doubt === undefined
    ? `The process's configuration does not let ${registry} be asked (ceilings.driverRegistries).`
    : `No registry is asked: it waits for ${doubt}.`;
}
