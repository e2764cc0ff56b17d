import type { Topics } from './topics.ts';
import { WHERE } from './options.ts';

/** Help on what looks at manifests. */
export const MANIFEST_TOPICS: Topics = {
  validate: () => `Usage: weka-gitops validate [OPTIONS] FILE|DIR…

Checks manifests, without a cluster unless --facts names one. Every mistake is shown with its file,
line and column, the line itself, and what to do. Exits 1 where an error is found, 0 otherwise.

  --output FORMAT      text, json, markdown or html; sarif (2.1.0) for code scanning; github for
                       annotations in a workflow of GitHub Actions
  --config FILE        configuration file, for its ceilings
  --facts FILE         also check against a cluster: whether nodes, cores, huge pages, drives and
                       Secrets are there. FILE is what kubectl get nodes,pods,configmaps -A -o json
                       (or yaml) prints; live asks the cluster itself, which takes the right to list
                       nodes, pods and ConfigMaps, and names of Secrets where that is allowed
  --kubeconfig FILE    with --facts live: otherwise KUBECONFIG, or ~/.kube/config
  --context NAME       with --facts live: context of the kubeconfig

Examples:
  weka-gitops validate .
  kubectl get nodes,pods,configmaps -A -o json > facts.json
  weka-gitops validate --facts facts.json .
  weka-gitops validate --output json weka/drivers.yaml
  weka-gitops validate --output sarif . > findings.sarif
`,
  'explain-field': () => `Usage: weka-gitops explain-field [OPTIONS] KIND[.FIELD…]

Says what a field of a WEKA manifest is: its type, what it means and what a change of it does, its
default, the values it may have, whether this version acts on it, and the fields below it. Kubernetes'
own kinds are kubectl explain's.

  --recursive          all fields below, by name and type
  --output FORMAT      text or json

Examples:
  weka-gitops explain-field wekacluster
  weka-gitops explain-field wekacluster.spec.dynamicTemplate.driveCores
  weka-gitops explain-field wekaclient.spec --recursive
`,
  explain: () => `Usage: weka-gitops explain [OPTIONS] TARGET [FIELD]

Says why something is as it is: what the plan intends for it, which file, line and commit ask for it, who
manages each field in question, what it waits for, and what would change it. Writes nothing. Exits 0
where there is such a thing, 2 where neither repository nor cluster knows it.

TARGET is one of
  KIND/NAMESPACE/NAME  an object, as plans print it or short: deployment/monitoring/exporter,
  KIND/NAME            v1/ConfigMap/weka/site, wekacontainer/weka/dist, namespace/weka
  node/NAME            a node: what it has, what of ours is on it and why, who cordoned it
  drive/SERIAL         a drive: its node, whether it is blocked, and who has it
  drivers              all drivers: which builds there are, what holds them up, and the way out; of one
                       version, kernel or code by drivers/4.4.5, drivers/IN_USE
FIELD is a field of the object, in quotes where it has brackets:
  spec.replicas, 'spec.template.spec.containers[name=app].image', 'data["key.with.dots"]'

Commits are looked for up to 1,000 back; a clone is deepened on the way as far as it takes.

  --output FORMAT      text, json or markdown
  --worktree DIR       explain the files of a folder that are not committed yet

${WHERE}
Examples:
  weka-gitops explain deployment/monitoring/exporter
  weka-gitops explain deployment/monitoring/exporter spec.replicas
  weka-gitops explain node/hall-1-a --output markdown
`,
};
