import assert from 'node:assert/strict';
import { type DriversPlan, planDrivers } from '../../../nodeagent/plan/drivers.ts';
import type { DriverInput } from '../../../nodeagent/plan/way.ts';
import type { LoadedDriver } from '../../../nodeagent/plan/driver-facts.ts';
import type { DriversState, LoadedPackage } from '../../../nodeagent/plan/drivers-state.ts';
import type { Failure, Fault } from '../../../nodeagent/plan/fault.ts';
import type { PackageModule } from '../../../nodeagent/plan/package-module.ts';
import { type Step, stepKey } from '../../../nodeagent/plan/step.ts';
import { aModule, digestOf, modulesOf, someFacts } from './driver-builders.ts';

/** A node as a test sets it up. */
export interface NodeSetUp {
  readonly state: DriversState;
  /** Modules that are loaded at first: their version, by name. */
  readonly loaded: Readonly<Record<string, string>>;
  /** Modules that something uses all the time. */
  readonly held: readonly string[];
  /** What is on the disk at first; `rotten` is not what its name says. */
  readonly disk: Readonly<Record<string, 'whole' | 'rotten'>>;
  /** Versions that the service sends, and how. */
  readonly service: Readonly<Record<string, 'whole' | 'spoilt'>>;
  /** `VERSION/MODULE` that the kernel does not take. */
  readonly refusing: readonly string[];
  /** Modules that the kernel does not let go, though nothing is seen to use them. */
  readonly kept?: readonly string[];
  /** Whether modules say neither their version nor their sources. */
  readonly isSilent?: boolean;
}

interface Package {
  isWhole: boolean;
  isKnown: boolean;
}

const VERSIONS = ['4.4.4', '4.4.5', '4.4.6'];
const NEEDS: Readonly<Record<string, string>> = { igb_uio: 'uio', wekafsio: 'wekafsgw' };

/** A node in memory with a kernel that lets nothing happen which a real one would not, and that fails the test where it is asked for it. */
export class DriverWorld {
  readonly #setUp: NodeSetUp;
  readonly #loaded: Map<string, string>;
  readonly #disk = new Map<string, Package>();
  readonly steps: Step[] = [];
  state: DriversState;
  // What a process knows and forgets when it is killed.
  #verified = new Set<string>();
  #unpacked = new Set<string>();
  #failures = new Map<string, Failure>();
  #drained = false;

  constructor(setUp: NodeSetUp) {
    this.#setUp = setUp;
    this.state = { ...setUp.state, good: setUp.state.good.map((each) => this.#said(each)) };
    this.#loaded = new Map(Object.entries(setUp.loaded));
    for (const [version, is] of Object.entries(setUp.disk)) {
      this.#disk.set(digestOf(version), { isWhole: is === 'whole', isKnown: is === 'whole' });
    }
  }

  /** Lets the agent go on until it waits, and kills it after the steps of these numbers. */
  run(killedAfter: readonly number[] = []): DriversPlan {
    for (let count = 1; count <= 200; count++) {
      const plan = planDrivers(this.#input());
      if (plan.step === undefined) return plan;
      this.#do(plan.step);
      if (!killedAfter.includes(count)) continue;
      this.#verified = new Set();
      this.#unpacked = new Set();
      this.#failures = new Map();
      this.#drained = false;
    }
    throw new Error(`It does not end: ${this.steps.slice(-12).map(stepKey).join(', ')}`);
  }

  /** What is left of it all. */
  get end() {
    return {
      loaded: Object.fromEntries([...this.#loaded].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      disk: [...this.#disk.keys()].toSorted(),
      wanted: this.state.wanted?.package.version,
      good: this.state.good.map((each) => each.package.version),
      failed: this.state.failed?.sha256,
    };
  }

  #input(): DriverInput {
    return {
      state: this.state,
      cache: new Map(
        [...this.#disk].map(([sha256, { isKnown }]) => [
          sha256,
          {
            isVerified: this.#verified.has(sha256),
            isUnpacked: this.#unpacked.has(sha256),
            ...(isKnown ? { modules: this.#modulesOf(versionOf(sha256)) } : {}),
          },
        ]),
      ),
      failures: this.#failures,
      drainInMs: this.#drained ? 60_000 : 0,
      facts: someFacts({ modules: [...this.#loaded].map(([name, version]) => this.#module(name, version)) }),
    };
  }

  #module(name: string, version: string): LoadedDriver {
    const usedBy = this.#usersOf(name);
    const holds = usedBy.length + (this.#setUp.held.includes(name) ? 1 : 0);
    if (name === 'uio' || this.#setUp.isSilent === true) return { name, state: 'live', holds, usedBy };
    const { srcversion } = aModule(name, version);
    return {
      name,
      state: 'live',
      holds,
      usedBy,
      version,
      ...(srcversion === undefined ? {} : { srcversion }),
    };
  }

  #modulesOf(version: string): PackageModule[] {
    const modules = [...modulesOf(version)];
    return this.#setUp.isSilent === true
      ? modules.map(({ version: _, srcversion: __, ...module }) => module)
      : modules;
  }

  #said(loaded: LoadedPackage): LoadedPackage {
    return { ...loaded, modules: this.#modulesOf(loaded.package.version) };
  }

  #usersOf(name: string): readonly string[] {
    return [...this.#loaded.keys()].filter((each) => NEEDS[each] === name);
  }

  #do(step: Step): void {
    this.steps.push(step);
    const fault = this.#effect(step);
    if (fault === undefined) {
      this.#failures.delete(stepKey(step));
      return;
    }
    // Twice at once, and then not for a long time.
    const dueInMs = this.#failures.has(stepKey(step)) ? 1e9 : 0;
    this.#failures.set(stepKey(step), { ...fault, dueInMs });
  }

  #effect(step: Step): Fault | undefined {
    switch (step.do) {
      case 'remember':
        this.state = step.state;
        return undefined;
      case 'download': {
        const sent = this.#setUp.service[step.package.version];
        if (sent !== 'whole') return failed(sent === undefined ? 'PACKAGE_MISSING' : 'DIGEST');
        this.#disk.set(step.package.sha256, { isWhole: true, isKnown: false });
        this.#verified.add(step.package.sha256);
        return undefined;
      }
      case 'verify':
        if (this.#disk.get(step.sha256)?.isWhole === true) {
          this.#verified.add(step.sha256);
          return undefined;
        }
        this.#disk.delete(step.sha256);
        return failed('DIGEST');
      case 'unpack': {
        const { sha256 } = step.package;
        assert(this.#verified.has(sha256), 'What is unpacked was verified.');
        this.#disk.get(sha256)!.isKnown = true;
        this.#unpacked.add(sha256);
        return undefined;
      }
      case 'load-of-kernel':
        this.#loaded.set(step.module, 'kernel');
        return undefined;
      case 'load': {
        const { name } = step.module;
        const version = versionOf(step.sha256);
        assert(this.#verified.has(step.sha256), 'What is loaded was verified.');
        assert(this.#unpacked.has(step.sha256), 'What is loaded was unpacked from what was verified.');
        assert(!this.#loaded.has(name), `${name} is not loaded twice.`);
        const needed = NEEDS[name];
        assert(needed === undefined || this.#loaded.has(needed), `${name} comes after what it needs.`);
        if (this.#setUp.refusing.includes(`${version}/${name}`))
          return { ...failed('LOAD_FAILED'), module: name };
        this.#loaded.set(name, version);
        return undefined;
      }
      case 'unload':
        assert(this.#loaded.has(step.module), `${step.module} is loaded when it goes.`);
        assert.deepEqual(this.#usersOf(step.module), [], `${step.module} is used by no module when it goes.`);
        assert(!this.#setUp.held.includes(step.module), 'What is in use is never unloaded.');
        if (this.#setUp.kept?.includes(step.module) === true)
          return { ...failed('IN_USE'), state: 'waiting', module: step.module };
        this.#loaded.delete(step.module);
        return undefined;
      case 'drain':
        this.#drained = true;
        return undefined;
      case 'tidy':
        this.#unpacked.clear();
        return undefined;
      case 'drop':
        this.#disk.delete(step.sha256);
        this.#verified.delete(step.sha256);
        this.#unpacked.delete(step.sha256);
        return undefined;
    }
  }
}

function versionOf(sha256: string): string {
  return VERSIONS.find((version) => digestOf(version) === sha256)!;
}

function failed(code: Fault['code']): Fault {
  return { state: 'failed', code, message: `It fails: ${code}.` };
}
