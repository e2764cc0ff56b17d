import type { Config } from '../config/config.ts';
import type { Program } from '../program.ts';
import type { PassConfig } from '../assess.ts';

/** The part of the configuration that a pass decides by. */
export function passConfig(config: Config, { version }: Program): PassConfig {
  const { cluster, repository, installation, ceilings, approvals } = config;
  const { proxy: https, noProxy: no } = config.drivers;
  const proxy = https === undefined ? undefined : { https, ...(no === undefined ? {} : { no }) };
  const drivers = { proxy, registryCa: config.driversCa, registries: ceilings.driverRegistries };
  return { cluster, ref: repository?.ref ?? 'main', installation, ceilings, approvals, drivers, version };
}
