import type { DriverPackage } from '../../../../schemas/drivers/package.ts';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import { type DriverTarget, targetKey } from '../../../../schemas/drivers/target.ts';
import type { AgentReport } from '../../../../reconciler/core/nodes/agent-report.ts';
import type { DriverNode } from '../../../../reconciler/core/drivers/decision.ts';
import type { RegistryAnswer } from '../../../../reconciler/core/drivers/drivers.ts';
import { driverWorkOrder } from '../../../../reconciler/core/drivers/work-annotation.ts';
import { sha256Hex } from '../../../../reconciler/core/kube/hash.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { BOOT } from '../nodes/build-reports.ts';
import { Chance } from '../placement/scheduler/chance.ts';
import { client, cluster, DIST, handMade, image, policy, PUBLIC, settings } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  NEWER_KERNEL,
  neverSaid,
  node,
  saidOnce,
  says,
  target,
  World,
} from './build-world.ts';

const VERSIONS = ['4.4.5', '4.4.6', '4.4.10'] as const;
const KERNELS = [KERNEL, NEWER_KERNEL, '5.14.0-362.el9_3.x86_64'] as const;
const SERVICES = [DIST, DIST, PUBLIC, undefined] as const;
const LETTERS = ['a', 'a', 'a', 'b'] as const;

/** One of two packages that there can be for a target. */
function made(
  about: DriverTarget,
  letter: string,
  layout: DriverPackage['layout'] = 'modules',
): DriverPackage {
  return { ...aPackage(about, letter, layout), sha256: sha256Hex(`${targetKey(about)} ${letter}`) };
}

/** A cluster somewhere in its life, drawn by chance: what manifests say, what nodes tell, what pods have left. */
export class RandomWorld extends World {
  readonly chance: Chance;
  readonly #names: readonly string[];
  readonly #kernels = new Map<string, (typeof KERNELS)[number]>();

  constructor(seed: number) {
    super({}, {});
    this.chance = new Chance(seed);
    this.#names = Array.from({ length: this.chance.between(1, 6) }, (_, index) => `node-${index}`);
    this.rewrite();
    this.boot();
    const said = new Map<string, RegistryAnswer>();
    this.registry = ({ registry, target: about }) => {
      const key = `${registry} ${JSON.stringify(about)}`;
      const known = said.get(key) ?? this.#answer(registry, about);
      said.set(key, known);
      return known;
    };
  }

  /** Other manifests than before. */
  rewrite(): void {
    const { chance } = this;
    const version = () => chance.one(VERSIONS);
    const labels = () => chance.maybe(30, () => ({ zone: chance.one(['x', 'y']) })) ?? {};
    const says = () => ({ driversDistService: chance.one(SERVICES), nodeSelector: labels() });
    const files: Record<string, string> = {
      ...(chance.in100(80) ? { 'a.yaml': cluster('demo', version(), says()) } : {}),
      ...(chance.in100(60) ? { 'b.yaml': client('apps', version(), says()) } : {}),
      ...(chance.in100(40) ? { 'c.yaml': client('jobs', version(), says()) } : {}),
      ...(chance.in100(10) ? { 'broken.yaml': 'kind: WekaClient\nspec: [' } : {}),
      ...(chance.in100(20) ? { 'settings.yaml': settings({ drivers: { builder: chance.in100(50) } }) } : {}),
    };
    const serving = chance.one(['policy', 'hands', 'nobody'] as const);
    if (serving === 'policy') files['p.yaml'] = policy('drivers', { ensureImages: [image(version())] });
    const builders = {
      one: { image: image(version()) },
      two: { image: image(version()), nodeSelector: labels() },
    };
    this.files = { ...files, ...(serving === 'hands' ? handMade(builders) : {}) };
  }

  /** Nodes as they are by now: some have booted another kernel, some do not tell. */
  boot(): void {
    const nodes = this.#names.map((name) => this.#node(name));
    this.see(Object.fromEntries(nodes.map(({ name }) => [name, this.#report(name)])), nodes);
  }

  /** Some of the pods at work get further. */
  work(): void {
    for (const pod of this.live.values()) {
      const order = driverWorkOrder(pod);
      if (order?.does === 'load' && order.package !== undefined) {
        const loaded = {
          schemaVersion: 1,
          result: 'loaded',
          package: order.package,
          node: order.node,
          bootId: BOOT,
        };
        this.#end(pod, 'Succeeded', JSON.stringify(loaded));
        continue;
      }
      if (order?.target === undefined || this.chance.in100(40)) continue;
      const about =
        order.package ??
        made(order.target, this.chance.one(LETTERS), this.chance.one(['modules', 'modules', 'vendor']));
      const wrong = this.chance.in100(10) ? made(target('9.9.9'), 'a') : about;
      const published = { schemaVersion: 1, result: 'published', package: wrong };
      const failed = { schemaVersion: 1, result: 'failed', code: 'COMPILE', message: 'It failed.' };
      const message = this.chance.one([
        JSON.stringify(published),
        JSON.stringify(published),
        JSON.stringify(failed),
        '{',
      ]);
      const phase = this.chance.one(['Succeeded', 'Succeeded', 'Running', 'Failed']);
      this.#end(pod, phase, message);
    }
  }

  #end(pod: KubeObject, phase: string, message: string): void {
    const state = { terminated: { exitCode: 0, message } };
    this.add({ ...pod, status: { phase, containerStatuses: [{ name: 'weka-container', state }] } });
  }

  #answer(registry: string, about: DriverTarget): RegistryAnswer {
    return this.chance.one<RegistryAnswer>([
      has(made(about, this.chance.one(LETTERS)), registry),
      { state: 'has-not' },
      { state: 'unknown', why: 'It did not answer.' },
    ]);
  }

  #node(name: string): DriverNode {
    const labels = { 'kubernetes.io/os': 'linux', zone: this.chance.one(['x', 'y']) };
    return node(name, { labels, isReady: this.chance.in100(90), kernel: this.chance.one(KERNELS) });
  }

  #report(name: string): AgentReport {
    const { chance } = this;
    if (chance.in100(10)) return neverSaid(name);
    if (chance.in100(15)) return saidOnce(name);
    const before = this.#kernels.get(name);
    const kernel = before === undefined || chance.in100(20) ? chance.one(KERNELS) : before;
    this.#kernels.set(name, kernel);
    const intent = this.intent(name);
    const generation = intent?.generation ?? 0;
    const os = chance.in100(7)
      ? { unknown: 'It cannot be read.' }
      : chance.one<object>([{ id: 'ubuntu', versionId: '24.04' }, { id: 'debian' }]);
    const headers = chance.in100(80) ? [kernel, chance.one(KERNELS)] : [];
    const wanted = intent?.drivers?.package;
    const drivers = wanted === undefined ? undefined : this.#drivers(wanted);
    return says(name, { kernel, os, headers, generation, ...(drivers === undefined ? {} : { drivers }) });
  }

  #drivers({ version, sha256, kernel, layout }: DriverPackage): DriversReport {
    const about = { wanted: { version, sha256 }, modules: [], cached: [] };
    if (layout === 'vendor' && this.chance.in100(70)) return { ...about, state: 'vendor' };
    return this.chance.one<DriversReport>([
      { ...about, state: 'loaded', loaded: { version, sha256, kernel } },
      { ...about, state: 'loaded', loaded: { version: '4.4.4', sha256: 'f'.repeat(64), kernel } },
      { ...about, state: 'failed', code: 'PACKAGE_MISSING' },
      { ...about, state: 'refused', modules: [{ name: 'wekafsio', state: 'other' }] },
    ]);
  }
}
