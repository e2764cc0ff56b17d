import type { Spec } from '../../spec/spec.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { inTemplate } from '../cluster/each-cluster.ts';

const FIELDS = [
  ['driveHugepages', 'driveHugepagesOffset'],
  ['computeHugepages', 'computeHugepagesOffset'],
  ['s3FrontendHugepages', 's3FrontendHugepagesOffset'],
  ['nfsFrontendHugepages', 'nfsFrontendHugepagesOffset'],
  ['smbwFrontendHugepages', 'smbwFrontendHugepagesOffset'],
  ['dataServicesHugepages', 'dataServicesHugepagesOffset'],
] as const;

/** The API server takes whole pages only, and WEKA gets what is left above the offset (weka-operator §2.3). */
export const hugepages: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A node hands out whole pages of 2 MiB, and an offset, which WEKA leaves unused, must be smaller than all of them.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { computeHugepages: 6001 }',
    right: 'spec:\n  dynamicTemplate: { computeHugepages: 6002 }',
  },
  *check({ clusters, clients, containers }) {
    for (const spec of clusters) {
      const { dynamicTemplate } = spec.cluster.spec;
      for (const [pages, offset] of FIELDS) {
        yield* faults(
          spec,
          [inTemplate(pages), inTemplate(offset)],
          [dynamicTemplate[pages], dynamicTemplate[offset]],
        );
      }
    }
    const paths = [
      ['spec', 'hugepages'],
      ['spec', 'hugepagesOffset'],
    ] as const;
    for (const spec of clients) {
      yield* faults(spec, paths, [spec.client.spec.hugepages, spec.client.spec.hugepagesOffset]);
    }
    for (const spec of containers) {
      yield* faults(spec, paths, [spec.container.spec.hugepages, spec.container.spec.hugepagesOffset]);
    }
  },
};

function* faults(
  spec: Spec,
  [pagesPath, offsetPath]: readonly [readonly string[], readonly string[]],
  [pages = 0, offset = 0]: readonly [number | undefined, number | undefined],
): Iterable<SpecProblem> {
  if (pages === 0) return;
  if (pages % 2 !== 0) {
    yield {
      spec,
      path: pagesPath,
      message: `${pages} MiB are no whole number of pages of 2 MiB.`,
      hint: `Set ${pagesPath.at(-1)} to ${pages + 1}.`,
    };
  }
  if (offset >= pages) {
    yield {
      spec,
      path: isWritten(spec, ...offsetPath) ? offsetPath : pagesPath,
      beside: [pagesPath, offsetPath],
      message: `Of ${pages} MiB of huge pages ${offset} MiB are left alone, so none are left for WEKA.`,
      hint: `Set ${pagesPath.at(-1)} to more, or ${offsetPath.at(-1)} to less.`,
    };
  }
}
