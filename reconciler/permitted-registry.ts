import { registryRefusal } from './core/drivers/allowed-registry.ts';
import type { RegistryAnswers } from './core/drivers/decision.ts';
import type { RegistryAnswer } from './core/drivers/drivers.ts';
import type { DriverRegistry } from './ports.ts';

export interface RegistryLimits {
  /** The only registries that may be asked; the vendor's where unset. */
  readonly allowed: readonly string[] | undefined;
  /** Why nobody knows which registry the repository names: then none is asked, since what it says is trusted for good. */
  readonly doubt: string | undefined;
}

/** `registry` as far as it may be asked. A question that may not be is answered with why. */
export function permittedRegistry(
  registry: DriverRegistry | undefined,
  { allowed, doubt }: RegistryLimits,
): DriverRegistry | undefined {
  if (registry === undefined) return undefined;
  return {
    async ask(questions, options) {
      const refused = new Map(
        questions.flatMap(({ key, registry: address }) => {
          const refusal = refusalOf(address, { allowed, doubt });
          return refusal === undefined ? [] : [[key, refusal] as const];
        }),
      );
      const open = questions.filter(({ key }) => !refused.has(key));
      const answers: RegistryAnswers = open.length === 0 ? new Map() : await registry.ask(open, options);
      return new Map<string, RegistryAnswer>([...answers, ...refused]);
    },
  };
}

function refusalOf(registry: string, { allowed, doubt }: RegistryLimits): RegistryAnswer | undefined {
  if (doubt !== undefined) {
    return { state: 'not-asked', why: `No registry is asked: it waits for ${doubt}.`, isForNow: true };
  }
  const refusal = registryRefusal(registry, allowed);
  return refusal && { state: 'not-asked', ...refusal };
}

/**
 * Tells what registries have answered already, and asks nobody: for manifests of people who may not choose whom this process
 * asks. What nobody has asked about yet stays unknown.
 */
export function answeredRegistry(answers: RegistryAnswers): DriverRegistry {
  return {
    ask: async (questions) =>
      new Map(
        questions.map(({ key, registry }): [string, RegistryAnswer] => [
          key,
          answers.get(key) ?? {
            state: 'not-asked',
            why: `${registry} was not asked: the plan of a pull request from a fork asks nobody.`,
            hint: 'Plan it from a branch of the repository itself, or see what the pass after the merge says.',
            isForNow: true,
          },
        ]),
      ),
  };
}
