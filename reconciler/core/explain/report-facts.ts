import type { NodeObservation } from '../../../schemas/node-report.ts';
import { isKnown, type Observed, type Unknown } from '../../../schemas/node/observed.ts';
import { type AgentReport, briefOf } from '../nodes/agent-report.ts';
import { isWekaModule } from '../nodes/report-brief.ts';
import { hugePageWords } from '../report/node-words.ts';
import { count, prose } from '../report/plain.ts';

/** Longest value; a node has hundreds of modules. */
const VALUE = 600;

/** Whether what the agent of a node reports counts, in one sentence. */
export function reportSentence(report: AgentReport | undefined): string {
  if (report === undefined) return 'What its agent reports was not asked for.';
  if (report.state === 'unknown') return `Nothing is known from its agent: ${prose(report.why)}`;
  const { agentVersion, intentGeneration } = report.report;
  const asked =
    intentGeneration === 0 ? '' : `, in answer to generation ${intentGeneration} of what it was asked`;
  return `Its agent, version ${prose(agentVersion, 64)}, tells of it${asked}.`;
}

/** What the agent of a node tells of it, with the reason of what is unknown. Of a report that does not count, the names say so. */
export function reportFacts(
  report: AgentReport | undefined,
): readonly { readonly name: string; readonly value: string }[] {
  const whole = report?.state === 'told' ? report.report : report?.last;
  if (report === undefined || whole === undefined) return [];
  const last = report.state === 'told' ? '' : ' (last report)';
  const refused = whole.intentRefused === undefined ? [] : [['Not done', whole.intentRefused] as const];
  const rows = [
    ...refused,
    ...ROWS.map(([name, words]) => [name, words(whole.observed)] as const),
    ['Huge pages of the node', hugePagesOf(report, whole.observed)] as const,
  ];
  return rows.map(([name, value]) => ({ name: `${name}${last}`, value: prose(value, VALUE) }));
}

const ROWS: readonly (readonly [name: string, words: (seen: NodeObservation) => string])[] = [
  ['Kernel build', ({ kernel }) => said(kernel, ({ release, build }) => `${release}, ${build}`)],
  [
    'Kernel headers',
    ({ headers }) => said(headers, (all) => (all.length === 0 ? 'none' : `for ${all.join(', ')}`)),
  ],
  [
    'CPUs',
    ({ cpus }) =>
      said(cpus, ({ threads, features, model }) =>
        [count(threads, 'CPU'), said(model, String), features.includes('avx2') ? 'AVX2' : 'no AVX2'].join(
          ', ',
        ),
      ),
  ],
  ['Hyper-threading', ({ hyperThreading }) => said(hyperThreading, String)],
  [
    'CPU manager',
    ({ cpuManager }) =>
      said(
        cpuManager,
        ({ policy, sharedCpus }) => `${policy}${sharedCpus === '' ? '' : `, shared CPUs ${sharedCpus}`}`,
      ),
  ],
  [
    'WEKA modules',
    ({ modules }) =>
      said(modules, (all) => {
        const ours = all.filter(({ name }) => isWekaModule(name));
        const words = ours.map(({ name, state, inUse, version }) => {
          const told = version === undefined ? '' : ` ${said(version, String)}`;
          return `${name}${told} (${[state, inUse === 'yes' ? 'in use' : 'unused'].join(', ')})`;
        });
        return words.join(', ') || 'none';
      }),
  ],
  [
    'WEKA mounts',
    ({ wekaMounts }) =>
      said(
        wekaMounts,
        (all) =>
          all
            .map(
              (each) =>
                `${each.interface === '' ? 'driver' : each.interface}: ${said(each.active, String)} active`,
            )
            .join(', ') || 'none',
      ),
  ],
  [
    'Folder of WEKA',
    ({ persistence }) =>
      said(persistence, ({ path, exists, fileSystem, mountPoint, totalGiB, freeGiB }) =>
        [
          `${path}${exists === 'no' ? ' (not there yet)' : ''}`,
          `${said(freeGiB, String)} of ${said(totalGiB, String)} GiB free`,
          `${said(fileSystem, String)} at ${said(mountPoint, String)}`,
        ].join(', '),
      ),
  ],
  ['XFS tools', ({ xfsTools }) => said(xfsTools, (all) => all.join(', ') || 'none')],
  ['Secure Boot', ({ secureBoot }) => said(secureBoot, String)],
  [
    'Kernel modules',
    ({ moduleLoading, moduleSignatures, lockdown }) =>
      [
        `loading ${said(moduleLoading, String)}`,
        `signatures ${said(moduleSignatures, String)}`,
        `lockdown ${said(lockdown, String)}`,
      ].join(', '),
  ],
  ['IOMMU', ({ iommu }) => said(iommu, String)],
];

function hugePagesOf(report: AgentReport, { hugePages }: NodeObservation): string {
  return said(hugePages, () => hugePageWords(briefOf(report)?.row ?? {}));
}

function said<Value>(value: Observed<Value>, say: (value: Exclude<Value, Unknown>) => string): string {
  return isKnown(value) ? say(value) : `unknown (${(value as Unknown).unknown.replace(/\.$/, '')})`;
}
