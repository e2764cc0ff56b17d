import type { GroupKind, KubeObject } from '../core/kube/object.ts';
import { bound, serviceAccount } from './account.ts';
import { agentNamespace } from './agent-namespace.ts';
import { driverPodsAdmission } from './driver-pods-admission.ts';
import { installLabels, labelled } from './install-labels.ts';
import { type InstallationNames, installationNames } from './installation-names.ts';
import { nodeAgentAdmission } from './node-agent-admission.ts';
import { nodeAgentDaemonSet } from './node-agent-daemon-set.ts';
import { nodeAgentRole } from './node-agent-role.ts';
import { nodeLabelsAdmission } from './node-labels-admission.ts';
import { plannerAdmission } from './planner-admission.ts';
import { plannerRights } from './planner-rights.ts';
import { ownPriorityClass, wekaPriorityClasses } from './priority-classes.ts';
import { plannerConfig, portOf, processConfig } from './process-config.ts';
import { configMapOf, type ProcessPod } from './process-pod.ts';
import { podMonitor, scheduledProcess, stayingProcess, webhookService } from './process-workloads.ts';
import { reconcilerRights } from './reconciler-rights.ts';
import { selfManagement } from './self-management.ts';

/** What is installed, and how. */
export interface InstallationOptions {
  readonly version: string;
  readonly name: string;
  readonly namespace: string;
  readonly agentNamespace: string;
  /** Where agents answer probes, on their nodes' own address. */
  readonly agentProbePort: number;
  /** The only namespaces that specs may name; all where unset. */
  readonly namespaces?: readonly string[] | undefined;
  readonly kinds: readonly GroupKind[];
  /** What the processes are configured by, as it was written. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where a process that stays listens. */
  readonly listen: string;
  readonly hearsForge: boolean;
  readonly selfManaged: boolean;
  readonly image: string;
  readonly pullSecret?: string | undefined;
  /** Secret with the files that the configuration names; called after the installation where unset. */
  readonly secret?: string | undefined;
  /** When passes are made, by a CronJob; unset, a process stays. */
  readonly schedule?: string | undefined;
  readonly planner: boolean;
  /** Whether the cluster has the Prometheus operator's kind. */
  readonly monitored: boolean;
}

/** Objects that belong together, in the order in which they are applied. */
export interface InstallPart {
  readonly about: string;
  readonly objects: readonly KubeObject[];
  /** Others may have made them, and then they stay as they are. They are not removed with the rest either. */
  readonly shared?: true;
  /** No repository may hold it, since it says what the repository may do. */
  readonly isConfiguration?: true;
}

/** A Secret that whoever installs has to make. */
export interface NeededSecret {
  readonly namespace: string;
  readonly name: string;
  /** Its keys, each with the setting that names the file. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Installation {
  readonly names: InstallationNames;
  readonly parts: readonly InstallPart[];
  readonly secret: NeededSecret | undefined;
}

/** Everything that a cluster needs of us: what keeps an account from doing more than it should comes before the account's rights. */
export function installation(options: InstallationOptions): Installation {
  const names = installationNames(options);
  const { version, namespaces } = options;
  const labels = installLabels(names.name, version);
  const reconciler = reconcilerProcess(options, names, labels);
  const planner = plannerProcess(options, names, labels);
  const parts: readonly InstallPart[] = [
    {
      about: 'Namespaces of reconciler and node agents',
      objects: [systemNamespace(names.namespace), agentNamespace(names.agentNamespace)],
    },
    {
      about: 'Namespaces that specs may name',
      objects: (namespaces ?? []).toSorted().map(plainNamespace),
      shared: true,
    },
    {
      about: 'Priorities of the pods of WEKA, as the operator has them',
      objects: wekaPriorityClasses(),
      shared: true,
    },
    { about: 'Priority of our own pods', objects: [ownPriorityClass(names.priorityClass)] },
    {
      about: 'What node agents and reconciler may say to each other, and what runs beside the agents',
      objects: nodeAgentAdmission({ agent: names.agent, reconciler: names.reconciler }, names.agentPolicy),
    },
    {
      about:
        'The reconciler changes nothing of nodes but labels, and deletes no pods but those that work on drivers',
      objects: [
        ...nodeLabelsAdmission(names.reconciler, names.nodesPolicy),
        ...driverPodsAdmission(names.reconciler, names.podsPolicy, names),
      ],
    },
    ...(options.planner
      ? [
          {
            about: 'The planner of pull requests may try writes, and make none',
            objects: plannerAdmission(names.planner, names.planner.serviceAccount),
          },
        ]
      : []),
    { about: 'Accounts', objects: accounts(options, names) },
    {
      about: 'Rights of the reconciler',
      objects: reconcilerRights({ ...rightsOf(options, names), account: names.reconciler }),
    },
    ...selfManagementPart(options, names),
    {
      about: 'Rights of the node agents',
      objects: bound([nodeAgentRole(names.agentNamespace, names.agent.serviceAccount)], names.agent),
    },
    ...(options.planner
      ? [
          {
            about: 'Rights of the planner of pull requests',
            objects: plannerRights({
              ...rightsOf(options, names),
              account: names.planner,
              roleName: names.planner.serviceAccount,
            }),
          },
        ]
      : []),
    { about: 'Configuration', objects: [reconciler, ...planner].map(configMapOf), isConfiguration: true },
    { about: 'The reconciler', objects: workloadOf(reconciler, options) },
    { about: 'The planner of pull requests', objects: planner.flatMap((each) => stays(each, options)) },
    {
      about: 'The node agents',
      objects: [
        nodeAgentDaemonSet({
          account: names.agent,
          probePort: options.agentProbePort,
          installation: names.name,
          image: options.image,
          pullSecret: options.pullSecret,
          priorityClass: names.priorityClass,
          labels,
        }),
      ],
    },
  ];
  const files = new Map([reconciler, ...planner].flatMap(({ config }) => [...config.files]));
  return {
    names,
    parts: parts
      .filter(({ objects }) => objects.length > 0)
      .map((part) =>
        part.shared === true
          ? part
          : { ...part, objects: part.objects.map((each) => labelled(each, labels)) },
      ),
    secret: files.size === 0 ? undefined : { namespace: names.namespace, name: reconciler.secret, files },
  };
}

type Labels = Readonly<Record<string, string>>;

function reconcilerProcess(
  options: InstallationOptions,
  names: InstallationNames,
  labels: Labels,
): ProcessPod {
  return {
    account: names.reconciler,
    installation: names.name,
    image: options.image,
    pullSecret: options.pullSecret,
    priorityClass: names.priorityClass,
    config: processConfig(options.settings, options.image),
    secret: options.secret ?? `${names.name}-credentials`,
    args: options.schedule === undefined ? ['run'] : ['reconcile'],
    labels,
    selfManaged: options.selfManaged,
  };
}

function plannerProcess(
  options: InstallationOptions,
  names: InstallationNames,
  labels: Labels,
): readonly ProcessPod[] {
  if (!options.planner) return [];
  const config = plannerConfig(options.settings, options.image);
  const args = ['run', '--only', 'review'];
  return [{ ...reconcilerProcess(options, names, labels), account: names.planner, config, args }];
}

function workloadOf(reconciler: ProcessPod, options: InstallationOptions): readonly KubeObject[] {
  const { schedule } = options;
  return schedule === undefined ? stays(reconciler, options) : [scheduledProcess(reconciler, schedule)];
}

function stays(
  process: ProcessPod,
  { listen, hearsForge, monitored }: InstallationOptions,
): readonly KubeObject[] {
  return [
    ...(hearsForge ? [webhookService(process)] : []),
    stayingProcess(process, portOf(listen)),
    ...(monitored ? [podMonitor(process)] : []),
  ];
}

function accounts({ planner }: InstallationOptions, names: InstallationNames): readonly KubeObject[] {
  return [names.reconciler, ...(planner ? [names.planner] : []), names.agent].map((account) => ({
    ...serviceAccount(account),
    // Our pods ask for its token; no other that comes to run as it gets one unasked.
    automountServiceAccountToken: false,
  }));
}

function rightsOf(
  { namespaces, kinds }: InstallationOptions,
  { agentNamespace: agents, name }: InstallationNames,
) {
  return { namespaces, kinds, agentNamespace: agents, name };
}

function selfManagementPart(options: InstallationOptions, names: InstallationNames): readonly InstallPart[] {
  if (!options.selfManaged) return [];
  const scope = { names, namespaces: options.namespaces };
  return [
    {
      about: 'The reconciler may bring itself up to date from the repository',
      objects: [
        ...selfManagement(names.reconciler, scope, { onlyTries: false }),
        ...(options.planner ? selfManagement(names.planner, scope, { onlyTries: true }) : []),
      ],
    },
  ];
}

function plainNamespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** The namespace of reconciler and planner, whose pods need nothing of their node. */
function systemNamespace(name: string): KubeObject {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
