import { describe, expect, it } from 'vitest';
import { forbidden } from '../../scripts/lint/import-directions.ts';

/** Imports as `IMPORTER > SOURCE`, `IMPORTER type> SOURCE` or `IMPORTER dynamic> SOURCE`. */
function judge(line: string): string | undefined {
  const [, importer, how, source] = /^(\S+) (type|dynamic)?> (\S+)$/.exec(line)!;
  return forbidden(importer!, source!, (how as 'type' | 'dynamic' | undefined) ?? 'value');
}

describe('imports point one way: main → commands → world → core → schemas', () => {
  it.each([
    'reconciler/main.ts > ./commands/plan.ts',
    'reconciler/main.ts > ./world/git/repository.ts',
    'reconciler/commands/plan.ts > ../reconcile.ts',
    'reconciler/commands/plan.ts type> ../cli.ts',
    'reconciler/commands/plan.ts > ../world/live/kube-cluster.ts',
    'reconciler/reconcile.ts > ./world/apply/apply.ts',
    'reconciler/world/live/kube-cluster.ts > ../kubeapi/client.ts',
    'reconciler/world/live/kube-cluster.ts > ../../core/kube/object.ts',
    'reconciler/world/live/kube-cluster.ts > node:fs/promises',
    'reconciler/core/plan/plan.ts > ../kube/object.ts',
    'reconciler/core/plan/plan.ts > ../../errors.ts',
    'reconciler/core/plan/plan.ts > ../../../schemas/settings.ts',
    'reconciler/core/plan/plan.ts type> ../../ports.ts',
    'reconciler/core/plan/digest.ts > node:crypto',
    'reconciler/core/spec/parse.ts > yaml',
    'reconciler/ports.ts type> ./core/kube/object.ts',
    'schemas/settings.ts > ./common.ts',
    'schemas/settings.ts > zod',
    'schemas/drivers/package.ts > node:crypto',
    'nodeagent/main.ts > ../schemas/node-intent.ts',
    'nodeagent/agent.ts > ../reconciler/world/kubeapi/client.ts',
    'nodeagent/errors.ts > ../reconciler/errors.ts',
    'nodeagent/host/read-kernel.ts > ../observe/security.ts',
    'nodeagent/observe/modules.ts > ../../schemas/node/observed.ts',
    'reconciler/commands/demo.ts dynamic> ../../test/demo/story.ts',
    'test/scenarios/pass.test.ts > ../../reconciler/reconcile.ts',
    'test/scenarios/pass.test.ts > ../weka/program.ts',
    'test/weka/program.ts > ./state.ts',
    'scripts/generate.ts > ../schemas/spec.ts',
  ])('allows %s', (line) => {
    expect(judge(line)).toBeUndefined();
  });

  it.each([
    [
      'schemas/settings.ts > ../reconciler/core/kube/object.ts',
      'schemas may not import core, only its own files.',
    ],
    ['schemas/settings.ts > yaml', 'schemas may not import yaml, only zod'],
    ['schemas/settings.ts > node:fs', 'schemas may not import node:fs, only zod'],
    ['reconciler/core/plan/plan.ts > ../../world/apply/apply.ts', 'core may not import world'],
    ['reconciler/core/plan/plan.ts type> ../../world/apply/apply.ts', 'core may not import world'],
    ['reconciler/core/plan/plan.ts > ../../world/kubeapi/client.ts', 'core may not import kubeapi'],
    ['reconciler/core/plan/plan.ts > ../../ports.ts', 'core may not import ports'],
    ['reconciler/core/plan/plan.ts > ../../assess.ts', 'core may not import pass'],
    ['reconciler/core/plan/plan.ts > ../../config/config.ts', 'core may not import config'],
    ['reconciler/core/review/comment.ts > ../../forge-port.ts', 'core may not import ports'],
    ['reconciler/config/config.ts > ../assess.ts', 'config may not import pass'],
    ['reconciler/unattended/schedule.ts > ../review/review.ts', 'unattended may not import review'],
    ['reconciler/core/plan/plan.ts > ../../commands/plan.ts', 'core may not import commands'],
    ['reconciler/core/plan/plan.ts > node:fs/promises', 'core may not import node:fs/promises'],
    [
      'reconciler/core/plan/plan.ts > @kubernetes/client-node/dist/api.js',
      'core may not import @kubernetes/client-node',
    ],
    ['reconciler/world/apply/apply.ts > ../../commands/plan.ts', 'world may not import commands'],
    ['reconciler/world/apply/apply.ts > ../../main.ts', 'world may not import main'],
    ['reconciler/world/apply/apply.ts > ../../reconcile.ts', 'world may not import pass'],
    ['reconciler/world/kubeapi/client.ts > ../git/repository.ts', 'kubeapi may not import world'],
    ['reconciler/reconcile.ts > ./commands/plan.ts', 'pass may not import commands'],
    ['reconciler/reconcile.ts > ./main.ts', 'pass may not import main'],
    ['reconciler/commands/plan.ts > ../main.ts', 'commands may not import main'],
    ['reconciler/ports.ts > ./core/kube/object.ts', 'ports may not import core'],
    ['reconciler/errors.ts > ./core/kube/object.ts', 'errors may not import core'],
    ['nodeagent/agent.ts > ../reconciler/core/kube/object.ts', 'nodeagent may not import core'],
    ['nodeagent/agent.ts > ../reconciler/world/git/repository.ts', 'nodeagent may not import world'],
    ['nodeagent/agent.ts > ../reconciler/ports.ts', 'nodeagent may not import ports'],
    ['nodeagent/observe/modules.ts > ../host/host.ts', 'observe may not import nodeagent'],
    ['nodeagent/observe/modules.ts > node:fs', 'observe may not import node:fs, only zod.'],
    ['schemas/node-report.ts > ../nodeagent/observe/modules.ts', 'schemas may not import observe'],
    ['nodeagent/agent.ts > ../test/support/git-server.ts', 'nodeagent may not import test'],
    ['reconciler/reconcile.ts > ../test/support/git-server.ts', 'pass may not import test'],
    ['reconciler/core/plan/plan.ts > ../../../test/support/objects.ts', 'core may not import test'],
    ['reconciler/commands/plan.ts dynamic> ../../test/demo/story.ts', 'commands may not import test'],
    ['reconciler/commands/demo.ts > ../../test/demo/story.ts', 'demo may not import test'],
    ['reconciler/commands/demo.ts dynamic> ../../test/weka/program.ts', 'demo may not import standIn'],
    ['reconciler/world/weka/cli.ts > ../../../test/weka/program.ts', 'world may not import standIn'],
    ['test/weka/program.ts > ../../reconciler/core/kube/object.ts', 'standIn may not import core'],
    ['test/weka/program.ts > ../../schemas/spec.ts', 'standIn may not import schemas'],
    ['test/weka/program.ts type> ../../reconciler/ports.ts', 'standIn may not import ports'],
  ])('refuses %s', (line, why) => {
    expect(judge(line)).toContain(why);
  });
});
