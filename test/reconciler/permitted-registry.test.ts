import { describe, expect, it } from 'vitest';
import type { RegistryQuestion } from '../../reconciler/core/drivers/decision.ts';
import { answeredRegistry, permittedRegistry } from '../../reconciler/permitted-registry.ts';
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
            state: 'not-asked',
            why: 'Packages of drivers may not come from https://b.test: ceilings.driverRegistries of the configuration does not name it.',
            hint: 'Name one of https://a.test, or add https://b.test there if nodes may load what is there.',
          },
        ],
      ]),
    );
  });

  it('is that of the vendor alone where the configuration names none', async () => {
    const { registry, asked } = aRegistry();
    const permitted = permittedRegistry(registry, { allowed: undefined, doubt: undefined });
    const others = ['http://169.254.169.254/latest', 'https://10.96.0.1:443', 'http://drivers.weka.io'];
    const answers = await permitted?.ask(asking('https://drivers.weka.io', ...others));
    expect(asked).toEqual(['https://drivers.weka.io']);
    expect([...(answers ?? [])].map(([key, { state }]) => `${key} ${state}`)).toEqual([
      'https://drivers.weka.io has-not',
      ...others.map((each) => `${each} not-asked`),
    ]);
  });

  it('is not asked for those who may not choose whom this process asks', async () => {
    const known = new Map([['https://a.test', { state: 'has-not' }]] as const);
    const answers = await answeredRegistry(known).ask(asking('https://a.test', 'https://b.test'));
    expect([...answers.values()]).toEqual([
      { state: 'has-not' },
      {
        state: 'not-asked',
        why: 'https://b.test was not asked: the plan of a pull request from a fork asks nobody.',
        hint: 'Plan it from a branch of the repository itself, or see what the pass after the merge says.',
        isForNow: true,
      },
    ]);
  });

  it('is not asked while nobody knows which one the Settings name', async () => {
    const { registry, asked } = aRegistry();
    const doubt = 'the Settings to be mended (settings.yaml:3)';
    const answers = await permittedRegistry(registry, { allowed: undefined, doubt })?.ask(
      asking('https://a.test'),
    );
    expect(asked).toEqual([]);
    expect(answers?.get('https://a.test')).toEqual({
      state: 'not-asked',
      why: 'No registry is asked: it waits for the Settings to be mended (settings.yaml:3).',
      isForNow: true,
    });
  });
});
