import type { Flags } from './args.ts';
import type { Config } from './config/config.ts';
import type { WrittenConfig } from './config/written-config.ts';
import type { Facts } from './core/facts/facts.ts';
import type { KubeObject } from './core/kube/object.ts';
import type { Clock, Cluster, DriverRegistry, Log, Repository, StatusBranch } from './ports.ts';
import type { Fence, Lease } from './world/lease/lease.ts';
import type { ReviewDuty } from './review/review-duty.ts';
import type { Duty } from './unattended/duty.ts';
import type { Listeners } from './unattended/tell-once.ts';
import type { WebhookOptions } from './world/forge/webhook.ts';
import type { KubeApi } from './world/kubeapi/kube-api.ts';

/** Where a command writes for people and machines, and what it writes on. */
export interface Console {
  /** Results: standard output. */
  print(text: string): void;
  /** Complaints: standard error. */
  complain(text: string): void;
  /** Whether standard output takes colours. */
  readonly colour: boolean;
  /** Columns of standard output. */
  readonly width: number;
}

/** How registries of driver packages are reached. */
export interface RegistryReach {
  readonly userAgent: string;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly proxyEnv: Readonly<Record<string, string | undefined>>;
  /** Certificates in PEM that are trusted besides the system's. */
  readonly ca: string | undefined;
}

/** What a pass that is run once takes for its writes. */
export type PassLease = Pick<Lease, 'acquireUnlessHeld' | 'assertHeld'>;

/** Everything that a command reaches the world through; `main` makes the real one. */
export interface Program {
  readonly version: string;
  readonly console: Console;
  readonly clock: Clock;
  readonly log: Log;
  config(flags: Flags): Promise<Config>;
  /** The configuration for processes elsewhere, and nothing of what its files hold. */
  writtenConfig(flags: Flags): Promise<WrittenConfig>;
  /** The API server itself, for what is no pass. */
  kube(
    config: Pick<Config, 'kubernetes' | 'installation'>,
  ): Promise<{ readonly api: KubeApi } & AsyncDisposable>;
  repository(config: Config): Repository;
  /** With a fence, which is asked right before each write is sent, however long that waited for its turn. */
  cluster(config: Config, fence?: Fence): Promise<Cluster & AsyncDisposable>;
  /** The lease of the installation, for one pass. It is given back when it is disposed of. */
  lease(config: Config): Promise<PassLease & AsyncDisposable>;
  /** How registries of driver packages are reached from here. */
  registryReach(config: Config): RegistryReach;
  /** Where ready packages of drivers may be had. */
  registry(config: Config): DriverRegistry & AsyncDisposable;
  /** What the cluster says of itself, listed once. */
  facts(config: Config): Promise<Facts>;
  /** A node, with who wrote what on it; undefined where there is none of that name. */
  node(config: Config, name: string): Promise<KubeObject | undefined>;
  /** Undefined where it is switched off. */
  statusBranch(config: Config): StatusBranch | undefined;
  /** Who is told of a pass that is run once, besides the status branch. */
  listeners(config: Config): Promise<Listeners & AsyncDisposable>;
  /** All that an unattended process needs. */
  duty(config: Config): Promise<Duty & AsyncDisposable>;
  /** All that a planner of pull requests needs. */
  review(config: Config): Promise<ReviewDuty & AsyncDisposable>;
  /** Whose webhook is heard; undefined where none is. */
  webhook(config: Config): Pick<WebhookOptions, 'secrets' | 'repository'> | undefined;
  /** Is aborted when the process is asked to end, which from this call on no longer ends it by itself. */
  stopSignal(): AbortSignal;
}
