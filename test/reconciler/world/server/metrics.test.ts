import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';
import { Metrics } from '../../../../reconciler/world/server/metrics.ts';
import { aChange, aReport, done } from '../../core/report/samples.ts';
import { complaints, type Family, parseExposition } from './exposition.ts';

async function read(metrics: Metrics): Promise<ReadonlyMap<string, Family>> {
  return parseExposition(await metrics.registry.metrics());
}

/** Samples of one of our metrics: `{ 'result=clean': 1 }`; without labels the key is empty. */
async function samples(metrics: Metrics, name: string): Promise<Record<string, number>> {
  const family = (await read(metrics)).get(`weka_gitops_${name}`);
  if (family === undefined) throw new Error(`There is no ${name}.`);
  return Object.fromEntries(
    family.samples.map(({ labels, value }) => [
      Object.entries(labels)
        .map(([label, text]) => `${label}=${text}`)
        .join(','),
      value,
    ]),
  );
}

const aFinding = (level: Finding['level']): Finding => ({
  level,
  rule: 'unknown-field',
  file: 'a.yaml',
  line: 1,
  column: 1,
  message: 'There is no field `colour`.',
});

const COUNTS = { lists: { first: 5 } as never, opened: 7, reopened: 2, lost: 1, events: 9, found: 0 };
const WATCHES = {
  synced: false,
  waitingFor: ['a'],
  waiting: 1,
  blocked: ['b', 'c'],
  watches: 4,
  counts: COUNTS,
};

/** Metrics of which each was touched. */
function touched(): Metrics {
  const metrics = new Metrics({ version: '1.2.3' });
  metrics.observePass(aReport({ findings: [aFinding('error')] }), 1500);
  metrics.observePoll('moved');
  metrics.observeRequest('get', 200);
  metrics.observeWatches(WATCHES);
  metrics.observeError('API_UNREACHABLE');
  metrics.observeForgeError('FORGE_UNREACHABLE');
  metrics.observeWebhook('heard');
  metrics.observeNotification('sent');
  metrics.setLeader(true);
  metrics.setSuspended(true);
  return metrics;
}

describe('the metrics', () => {
  it('are by the rules of Prometheus before and after they are used', async () => {
    for (const metrics of [new Metrics({ version: '1.2.3' }), touched()]) {
      expect(complaints(await read(metrics))).toEqual([]);
    }
  });

  it('have the names that dashboards and alerts go by', async () => {
    const families = [...(await read(touched())).values()];
    expect(
      families.map(({ name, type, samples: [first] }) => [name, type, Object.keys(first?.labels ?? {})]),
    ).toEqual([
      ['weka_gitops_passes_total', 'counter', ['result']],
      ['weka_gitops_pass_duration_seconds', 'histogram', ['le']],
      ['weka_gitops_last_pass_timestamp_seconds', 'gauge', []],
      ['weka_gitops_last_success_timestamp_seconds', 'gauge', []],
      ['weka_gitops_changes', 'gauge', ['op']],
      ['weka_gitops_findings', 'gauge', ['level']],
      ['weka_gitops_drift_corrected_total', 'counter', []],
      ['weka_gitops_objects', 'gauge', ['state']],
      ['weka_gitops_repository_polls_total', 'counter', ['result']],
      ['weka_gitops_api_requests_total', 'counter', ['verb', 'code']],
      ['weka_gitops_watch_restarts_total', 'counter', []],
      ['weka_gitops_watches', 'gauge', ['state']],
      ['weka_gitops_leader', 'gauge', []],
      ['weka_gitops_suspended', 'gauge', []],
      ['weka_gitops_errors_total', 'counter', ['code']],
      ['weka_gitops_forge_errors_total', 'counter', ['code']],
      ['weka_gitops_webhook_requests_total', 'counter', ['result']],
      ['weka_gitops_notifications_total', 'counter', ['result']],
      ['weka_gitops_build_info', 'gauge', ['version']],
      ['process_cpu_seconds_total', 'counter', []],
      ['process_start_time_seconds', 'gauge', []],
      ['process_resident_memory_bytes', 'gauge', []],
      ['process_open_fds', 'gauge', []],
      ['nodejs_heap_size_used_bytes', 'gauge', []],
      ['nodejs_heap_size_total_bytes', 'gauge', []],
      ['nodejs_external_memory_bytes', 'gauge', []],
    ]);
  });

  it('tell how the watches do, and count those that were begun anew once', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    metrics.observeWatches(WATCHES);
    metrics.observeWatches({ ...WATCHES, counts: { ...COUNTS, reopened: 3 } });
    expect(await samples(metrics, 'watches')).toEqual({
      'state=open': 4,
      'state=waiting': 1,
      'state=blocked': 2,
    });
    expect(Object.values(await samples(metrics, 'watch_restarts_total'))).toEqual([3]);
  });

  it('tell of a pass that left nothing to do', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    const changes = [aChange('keep', 'v1/ConfigMap/weka/a'), aChange('keep', 'v1/ConfigMap/weka/b')];
    const current = { state: 'current', message: 'It exists' } as const;
    const health = new Map(changes.map(({ id }) => [id, current]));
    metrics.observePass(aReport({ changes, health }), 1500);

    expect(await samples(metrics, 'passes_total')).toEqual({
      'result=clean': 1,
      'result=incomplete': 0,
      'result=failed': 0,
    });
    expect(await samples(metrics, 'changes')).toEqual({
      'op=create': 0,
      'op=update': 0,
      'op=replace': 0,
      'op=prune': 0,
      'op=keep': 2,
      'op=refuse': 0,
      'op=wait': 0,
    });
    expect(await samples(metrics, 'objects')).toEqual({
      'state=current': 2,
      'state=progressing': 0,
      'state=failed': 0,
      'state=missing': 0,
    });
    const endedAt = Date.parse('2026-11-25T18:04:12Z') / 1000;
    expect(await samples(metrics, 'last_pass_timestamp_seconds')).toEqual({ '': endedAt });
    expect(await samples(metrics, 'last_success_timestamp_seconds')).toEqual({ '': endedAt });
    const duration = (await read(metrics)).get('weka_gitops_pass_duration_seconds')?.samples;
    expect(duration?.find(({ name }) => name.endsWith('_sum'))?.value).toBe(1.5);
  });

  it('tell of drift that was corrected, and of findings, and leave failures to whoever tries', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    const drifted = aChange('update', 'v1/ConfigMap/weka/a', { flags: ['drift'] });
    const changed = aChange('update', 'v1/ConfigMap/weka/b');
    const refused = aChange('update', 'v1/ConfigMap/weka/c', { flags: ['drift'] });
    const failure = { change: refused, result: 'failed', code: 'API_FORBIDDEN', why: 'It may not' } as const;
    const findings = [aFinding('warning'), aFinding('warning'), aFinding('ignored')];
    metrics.observePass(
      aReport({
        changes: [drifted, changed, refused],
        outcomes: [done(drifted), done(changed), failure],
        findings,
      }),
      10,
    );

    expect(await samples(metrics, 'drift_corrected_total')).toEqual({ '': 1 });
    expect(await samples(metrics, 'errors_total')).toEqual({});
    expect(await samples(metrics, 'findings')).toEqual({
      'level=error': 0,
      'level=warning': 2,
      'level=ignored': 1,
    });
    expect(await samples(metrics, 'passes_total')).toMatchObject({ 'result=incomplete': 1 });
    expect(await samples(metrics, 'last_success_timestamp_seconds')).toEqual({});
  });

  it('keep what the last whole pass found when one fails', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    metrics.observePass(aReport({ changes: [aChange('keep', 'v1/ConfigMap/weka/a')] }), 10);
    const endedAt = new Date('2026-11-25T19:00:00Z');
    metrics.observeFailedPass({ endedAt, durationMs: 20 });

    expect(await samples(metrics, 'passes_total')).toMatchObject({ 'result=clean': 1, 'result=failed': 1 });
    expect(await samples(metrics, 'changes')).toMatchObject({ 'op=keep': 1 });
    expect(await samples(metrics, 'last_pass_timestamp_seconds')).toEqual({ '': endedAt.getTime() / 1000 });
    expect(await samples(metrics, 'last_success_timestamp_seconds')).toEqual({
      '': Date.parse('2026-11-25T18:04:12Z') / 1000,
    });
  });

  it('count a look that found nothing changed as a success only where the last pass was one', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    metrics.observeIdle(new Date(1_000_000), false);
    expect(await samples(metrics, 'last_success_timestamp_seconds')).toEqual({});
    metrics.observeIdle(new Date(2_000_000), true);
    expect(await samples(metrics, 'last_success_timestamp_seconds')).toEqual({ '': 2000 });
  });

  it('have few labels, whatever they are told', async () => {
    const metrics = new Metrics({ version: '1.2.3' });
    for (let number = 0; number < 1000; number++) {
      metrics.observeError(`CODE_${number}`);
      metrics.observeError(`a sentence\n"${number}"`);
      metrics.observeRequest(`verb-${number}`, number);
    }
    metrics.observeRequest('get', undefined);
    metrics.observeRequest('get', NaN);

    const errors = await samples(metrics, 'errors_total');
    expect(Object.keys(errors)).toHaveLength(101);
    expect(errors['code=OTHER']).toBe(1900);
    const requests = await samples(metrics, 'api_requests_total');
    expect(Object.keys(requests)).toHaveLength(502);
    expect(requests['verb=get,code=none']).toBe(2);
  });

  it('of two processes in one do not mix', async () => {
    const [one, other] = [touched(), new Metrics({ version: '2.0.0' })];
    expect(await samples(one, 'leader')).toEqual({ '': 1 });
    expect(await samples(other, 'leader')).toEqual({ '': 0 });
    expect(await samples(other, 'build_info')).toEqual({ 'version=2.0.0': 1 });
  });

  it('tell what the process takes', async () => {
    const before = process.memoryUsage.rss();
    const [sample] = (await read(touched())).get('process_resident_memory_bytes')!.samples;
    expect(sample!.value).toBeGreaterThan(before / 2);
    const [cpu] = (await read(touched())).get('process_cpu_seconds_total')!.samples;
    expect(cpu!.value).toBeGreaterThan(0.01);
  });
});
