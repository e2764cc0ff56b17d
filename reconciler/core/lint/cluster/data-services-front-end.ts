import type { SpecRule } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

/** The operator refuses it in every mode, and its default is 1 (weka-operator §2.8: cluster_dataservices_fe_cores). */
export const dataServicesFrontEnd: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Containers for data services have no front-end cores, and the operator refuses a cluster that gives them some.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    dataServicesContainers: 2',
    right: 'spec:\n  dynamicTemplate:\n    dataServicesContainers: 2\n    dataServicesFeCores: 0',
  },
  check: eachCluster(function* ({ dynamicTemplate }, spec) {
    const { dataServicesContainers: containers, dataServicesFeCores: cores } = dynamicTemplate;
    if (containers === 0 || cores === 0) return;
    const unset = !isWritten(spec, ...inTemplate('dataServicesFeCores'));
    yield {
      path: inTemplate(unset ? 'dataServicesContainers' : 'dataServicesFeCores'),
      message: `${containers === 1 ? '1 container' : `${containers} containers`} for data services would get ${cores === 1 ? '1 front-end core' : `${cores} front-end cores`}${unset ? ', which is the default' : ''}, and can have none.`,
      hint: 'Set dataServicesFeCores to 0.',
    };
  }),
};
