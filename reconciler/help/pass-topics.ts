import type { Topics } from './topics.ts';
import { CLUSTER, OUTPUT, WHERE } from './options.ts';

/** Help on passes, and on what keeps them from writing. */
export const PASS_TOPICS: Topics = {
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
};
