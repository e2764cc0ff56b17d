import { z } from 'zod';
import { UsageError } from './args.ts';
import { ConfigFile } from './config/config-file.ts';

const USAGE = `weka-gitops makes a Kubernetes cluster run WEKA storage exactly as a git repository says,
and writes back to git what happened.

Usage: weka-gitops COMMAND [OPTIONS]

  validate FILE|DIR…   check manifests, offline: findings with file:line:column
  explain-field FIELD  say what a field of a manifest means
  explain TARGET       say why an object, field, node or drive is as it is, and which commit says so
  plan                 show what a pass would change, proved by the API server
  reconcile            carry it out once, and write the status branch
  status               show how the cluster stands, and the last pass
  run                  do all this unattended: poll, watch, correct, tell; with health and metrics
  suspend, resume      keep every pass from writing anything, and let it write again
  demo                 see it work: a real control plane and git server on this machine

  help COMMAND         how a command is used
  help config          every setting of the configuration file
  version              print the version

Exit codes: 0 nothing to report, 1 something to look at, 2 trouble.
`;

const WHERE = `Where repository and cluster are (each overrides the configuration file):
  --config FILE        configuration file; otherwise WEKA_GITOPS_CONFIG
  --repository URL     https://…, or the path of a local repository
  --ref REF            branch, tag or commit; main where unset
  --path DIR           folder of the manifests within the repository
  --cluster NAME       name of the cluster, in reports and of the status branch
  --kubeconfig FILE    otherwise KUBECONFIG, the pod's service account, or ~/.kube/config
  --context NAME       context of the kubeconfig
  --accept-rewritten-history SHA
                       go on although the last applied commit is no ancestor of SHA, the new one

Credentials come from the configuration file or from WEKA_GITOPS_TOKEN, or WEKA_GITOPS_USERNAME
and WEKA_GITOPS_PASSWORD; those of the forge from WEKA_GITOPS_FORGE_TOKEN.
`;

const CLUSTER = `  --config FILE        configuration file; otherwise WEKA_GITOPS_CONFIG
  --cluster NAME       name of the cluster
  --kubeconfig FILE    otherwise KUBECONFIG, the pod's service account, or ~/.kube/config
  --context NAME       context of the kubeconfig
`;

const OUTPUT = '  --output FORMAT      text, json, markdown, or html: one file to open or to attach\n';

const TOPICS: Readonly<Record<string, () => string>> = {
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
  plan: () => `Usage: weka-gitops plan [OPTIONS]

Shows what a pass would change in the cluster, field by field, and proves each change with a dry run
by the API server. Writes nothing. Exits 0 where the cluster is as the repository says, 1 where there
is something to do or to mend.

${OUTPUT}  --worktree DIR       plan the files of a folder that are not committed yet
  --forecast           also show the passes after the next one, until nothing changes any more, and
                       what each Approval would set free
  --markdown           the same as --output markdown
  --post-comment       plan the merge of a pull request, and say there what would happen: in the one
                       comment that is kept up to date, as run --only review does. It takes a forge in
                       the configuration, and tokens for it and for git: in a workflow of GitHub its own
                       for both. Exits 0 where nothing stands against the merge
  --pull-request N     number of that pull request

${WHERE}
Examples:
  weka-gitops plan --repository https://git.example.com/storage/weka --path clusters/hall-1
  weka-gitops plan --worktree . --markdown
  weka-gitops plan --post-comment --pull-request 7
`,
  reconcile: () => `Usage: weka-gitops reconcile [OPTIONS]

One pass: reads the repository, plans, writes what differs to the cluster in order, and commits to the
status branch what became of it. One object's failure holds back only what depends on it. Nothing is
pruned while a manifest has an error or the cluster could not be read in full. Commit statuses, closing
comments and notifications are run's alone. Exits 0 where all that is asked for is done, 1 where an
error, a refusal or a failure remains, 2 where the pass broke off.

${OUTPUT}  --plan-digest DIGEST apply the plan of that digest, as weka-gitops plan prints it, or nothing; of
                       Secrets it holds the keys and no value, so give --ref COMMIT where those matter

${WHERE}
Logs go to standard error as JSON; WEKA_GITOPS_LOG_LEVEL is debug, info, warn, error or silent.
`,
  status: () => `Usage: weka-gitops status [OPTIONS]

Shows every object of the repository and how it does in the cluster, what waits, what is refused, and
the last pass as the status branch tells it. Writes nothing. Exits 1 where something is not as it
should be.

${OUTPUT}
${WHERE}`,
  run: () => `Usage: weka-gitops run [OPTIONS]

Runs passes for as long as it lives: at a new commit, which it polls for, and at a change in the
cluster, which watches tell it of. While nothing changes it makes no call but its watches, its lease
and one ref listing a poll. Of several such processes one works and the others wait for its lease. It
answers /healthz, /readyz and /metrics, and hears the forge at /webhook where a secret is configured.
SIGTERM: it finishes the write under way, tells the status branch, gives up its lease and exits 0.

  --once               one pass and then the end, like reconcile
  --only review        plan open pull requests instead, and say there what each merge would do: a
                       comment, findings at their lines, a commit status, answers to /weka-gitops.
                       It takes a forge in the configuration, no lease, and no right to write to the
                       cluster: an account that may read and dry-run is enough

${WHERE}
`,
  suspend: () => `Usage: weka-gitops suspend --reason TEXT [OPTIONS]

Keeps every pass of this installation from writing anything, until weka-gitops resume; plans and the
status branch show the reason. It is a ConfigMap in the cluster, so it works when git does not:
<installation>-suspend. One named <installation>-freeze, with a text under reason, stops only what
deletes or replaces:

  kubectl create configmap -n weka-gitops-system weka-gitops-freeze --from-literal=reason='audit'

${CLUSTER}`,
  resume: () => `Usage: weka-gitops resume [OPTIONS]

Lets passes write again after weka-gitops suspend.

${CLUSTER}`,
  demo: () => `Usage: weka-gitops demo [--keep]

Starts a real Kubernetes control plane with 12 simulated nodes and a real git server on this machine,
pushes examples-repo/, and shows the whole story with the real commands: first apply, change, drift,
prune, a broken manifest, the status branch. Exits 0 if every step came out as told.

  --keep               leave all of it running at the end, until Ctrl-C, and print how to reach it
`,
  config:
    () => `The configuration file is YAML: weka-gitops --config FILE, or WEKA_GITOPS_CONFIG. Everything is optional.

${settings(z.toJSONSchema(ConfigFile, { io: 'input' }) as Schema).join('\n')}
`,
};

/** The help on a command, on `config`, or in general. Throws a UsageError for a topic that there is not. */
export function helpText(topic?: string): string {
  if (topic === undefined) return USAGE;
  const text = Object.hasOwn(TOPICS, topic) ? TOPICS[topic] : undefined;
  if (text === undefined) {
    throw new UsageError(`There is no help on ${JSON.stringify(topic)}.`, {
      hint: `There is on ${Object.keys(TOPICS).join(', ')}.`,
    });
  }
  return text();
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly description?: string;
  readonly default?: unknown;
}

/** Each setting on a line, with its default and what it means. */
function settings(schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    if (member.properties !== undefined) return settings(member, `${path}.`);
    if (member.items?.properties !== undefined) return settings(member.items, `${path}[].`);
    const standard = isShown(member.default) ? ` (default: ${JSON.stringify(member.default)})` : '';
    return [`  ${path}`, `      ${member.description ?? ''}${standard}`];
  });
}

function isShown(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}
