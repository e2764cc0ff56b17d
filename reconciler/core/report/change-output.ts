import type { ChangeOutput, FieldOutput, PlacementOutput } from '../../../schemas/output/plan.ts';
import { wekaClusterOf } from '../desired/weka-cluster-of.ts';
import { stageOf } from '../kube/kinds.ts';
import type { Change, FieldChange } from '../plan/change.ts';
import { isMark } from '../plan/mark.ts';
import { HIDDEN } from '../spec/sealed.ts';
import { mayShow } from './redact.ts';

/** A change as machines read it. */
export function changeOutput(change: Change): ChangeOutput {
  return {
    op: change.op,
    target: change.id,
    stage: stageOf(change.id),
    ...clusterOf(change),
    fields: change.fields.map((field) => fieldOutput(change.id, field)),
    flags: [...change.flags],
    risks: (change.risks ?? []).map(({ stops: _pods, bound: _whole, ...risk }) => risk),
    ...('reason' in change && { reason: change.reason }),
    ...(change.approved !== undefined && { approvedBy: change.approved.map(({ name }) => name) }),
    ...(change.source !== undefined && { source: change.source }),
    ...placementOf(change),
    ...(change.node !== undefined && {
      node: { name: change.node.name, does: [...change.node.does] },
    }),
    ...(change.adds !== undefined && { adds: change.adds.map((field) => fieldOutput(change.id, field)) }),
    ...(change.defaults !== undefined && { defaults: change.defaults }),
    ...(change.renamedFrom !== undefined && { renamedFrom: change.renamedFrom }),
    ...(change.renamedTo !== undefined && { renamedTo: change.renamedTo }),
  };
}

function placementOf({ placement }: Change): { readonly placement?: PlacementOutput } {
  if (placement === undefined || !('allocation' in placement)) return {};
  const { how, allocation, from, note } = placement;
  const { node, drives, ports } = allocation;
  const { singles, ...rest } = ports;
  return {
    placement: {
      node,
      how,
      drives: [...drives],
      ports: { ...rest, ...(singles !== undefined && { singles: { ...singles } }) },
      ...(from !== undefined && { from }),
      ...(note !== undefined && { note }),
    },
  };
}

/** A change that writes nothing holds no object that could say it. */
function clusterOf(change: Change): { readonly cluster?: string } {
  const write = change.op === 'wait' ? change.pending : change;
  if (write === undefined) return {};
  const object = 'desired' in write ? write.desired : 'live' in write ? write.live : undefined;
  const cluster = object === undefined ? undefined : wekaClusterOf(object);
  return cluster === undefined ? {} : { cluster };
}

function fieldOutput(target: string, field: FieldChange): FieldOutput {
  const { path, from, to, manager, by, at, reordered } = field;
  const shown = (value: unknown) => {
    if (mayShow(target, path, value)) return jsonValue(value);
    return isMark(value) ? value : HIDDEN;
  };
  return {
    path,
    ...(from !== undefined && { from: shown(from) }),
    ...(to !== undefined && { to: shown(to) }),
    ...(manager !== undefined && { manager }),
    ...(by !== undefined && { by }),
    ...(at !== undefined && { at }),
    ...(reordered !== undefined && { reordered }),
  };
}

type Json = NonNullable<FieldOutput['from']> | null;

function jsonValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, jsonValue(entry)]));
  }
  // Nothing else comes out of YAML or JSON.
  return null;
}
