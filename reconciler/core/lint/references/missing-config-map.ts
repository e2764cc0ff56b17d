import type { SpecRule } from '../spec-rule.ts';
import { missing, notHere } from './missing.ts';

/** ConfigMaps that Kubernetes and OpenShift make in every namespace, and those made for WEKA's pods (weka-operator §2.2, §4.2). */
const MADE =
  /^(kube-root-ca\.crt|openshift-service-ca\.crt|weka-boot-scripts|ocp-driver-toolkit-images)$|^weka-(trace-routing|k8s-trace-routing|wekacluster|wekaclient|wekacontainer|wekapolicy|wekamanualoperation)-/;

export const missingConfigMap: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A pod waits for a ConfigMap that it mounts or reads until somebody makes it.',
  example: {
    wrong:
      'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  extraVolumes: [{ name: ca, configMap: { name: trust } }]',
    right:
      'kind: ConfigMap\nmetadata: { name: trust }\ndata: { ca.crt: "" }\n---\nkind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  extraVolumes: [{ name: ca, configMap: { name: trust } }]',
  },
  *check(set) {
    yield* missing(set, 'ConfigMap', ({ name }) => MADE.test(name), notHere('ConfigMap', 'ConfigMap'));
  },
};
