import { describe, expect, it } from 'vitest';
import type { RegistryQuestion } from '../../reconciler/core/drivers/decision.ts';
import { permittedRegistry } from '../../reconciler/permitted-registry.ts';
import type { DriverRegistry } from '../../reconciler/ports.ts';

const target = { version: '4.4.5', kernel: '6.8.0-45-generic', architecture: 'x86_64' };
const asking = (...registries: string[]): RegistryQuestion[] =>
  registries.map((registry) => ({ key: registry, registry, target }));

/** Has nothing, and keeps what it was asked. */
function aRegistry() {
  const asked: string[] = [];
  const registry: DriverRegistry = {
    ask: (questions) => {
      asked.push(...questions.map(({ registry: name }) => name));
      return Promise.resolve(new Map(questions.map(({ key }) => [key, { state: 'has-not' }] as const)));
    },
  };
  return { registry, asked };
}

describe('a registry of drivers', () => {
  it('is asked where the configuration allows it, and others are not', async () => {
    const { registry, asked } = aRegistry();
    const permitted = permittedRegistry(registry, { allowed: ['https://a.test/'], doubt: undefined });
    const answers = await permitted?.ask(asking('https://a.test', 'https://b.test'));
    expect(asked).toEqual(['https://a.test']);
    expect(answers).toEqual(
      new Map<string, object>([
        ['https://a.test', { state: 'has-not' }],
        [
          'https://b.test',
          {
            state: 'unknown',
            why: "The process's configuration does not let https://b.test be asked (ceilings.driverRegistries).",
          },
        ],
      ]),
    );
  });

  it('is not asked while nobody knows which one the Settings name', async () => {
    const { registry, asked } = aRegistry();
    const doubt = 'the Settings to be mended (settings.yaml:3)';
    const answers = await permittedRegistry(registry, { allowed: undefined, doubt })?.ask(
      asking('https://a.test'),
    );
    expect(asked).toEqual([]);
    expect(answers?.get('https://a.test')).toEqual({
      state: 'unknown',
      why: 'No registry is asked: it waits for the Settings to be mended (settings.yaml:3).',
    });
  });
});
