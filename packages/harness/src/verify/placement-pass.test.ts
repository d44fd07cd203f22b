/** What becomes of a placement whose profile is lost on the way, as happens on machines with more work than cores. */
import { RheobaseError } from '@rheobase/exporter';
import type { Backend, Session } from '@rheobase/runtime';
import { describe, expect, it } from 'vitest';
import { seededCases } from '../cases/index.js';
import { cpuBackend } from '../fixtures/backends.js';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { saved, verifyNetwork } from '../fixtures/network.js';

/** The CPU provider; what happens to its profiled sessions is the test's to say. */
function profiled(id: string, around: (session: Session) => Session, software = false): Backend {
  const inner = cpuBackend(id);
  return {
    ...inner,
    probe: async () => {
      const found = await inner.probe();
      return found.available ? { ...found, software } : found;
    },
    open: async (source, options) => {
      const session = await inner.open(source, options);
      return options?.profile === true ? around(session) : session;
    },
  };
}

async function placementWith(lose: (session: Session, attempt: number) => Session) {
  let attempts = 0;
  const backend = profiled('other/cpu', (session) => {
    attempts += 1;
    return lose(session, attempts);
  });
  const report = await verifyNetwork({ backends: [cpuBackend(), backend], runs: 0 });
  const row = report.backends[1];
  return { attempts, status: row?.status, nodes: row?.placement.length ?? 0, note: row?.placementNote };
}

const failing = (session: Session, error: Error): Session => ({
  ...session,
  run: async () => {
    throw error;
  },
});

describe('a profile', () => {
  it.each(['crashed', 'timeout', 'failed'] as const)('that is lost once (%s) is taken once more', async (code) => {
    const found = await placementWith((session, attempt) =>
      attempt === 1 ? failing(session, new RheobaseError(code, 'gone')) : session,
    );
    expect(found).toMatchObject({ attempts: 2, status: 'ran', note: null });
    expect(found.nodes).toBeGreaterThan(0);
  });

  it('that names no kernel is taken once more', async () => {
    const empty = { nodes: [], incomplete: 'ONNX Runtime gave no readable profile' };
    const found = await placementWith((session, attempt) =>
      attempt === 1 ? { ...session, profile: async () => empty } : session,
    );
    expect(found).toMatchObject({ attempts: 2, note: null });
    expect(found.nodes).toBeGreaterThan(0);
  });

  it('that is lost twice is told, and the backend has not failed', async () => {
    const found = await placementWith((session) => failing(session, new RheobaseError('timeout', 'too slow')));
    expect(found).toMatchObject({ attempts: 2, status: 'ran', nodes: 0 });
    expect(found.note).toMatch(/the placement of .* is not known: too slow/);
  });

  it('that cannot be had is no pass where placement is strict', async () => {
    const lost = profiled('other/cpu', (session) => failing(session, new RheobaseError('unsupported', 'no profiles')));
    const report = await verifyNetwork({ backends: [cpuBackend(), lost], runs: 0, strictPlacement: true });
    expect(report).toMatchObject({
      verdict: 'incomplete',
      strictPlacement: { violations: [], unknown: ['other/cpu'] },
    });
  });

  it('that cannot be had is asked for once', async () => {
    const error = new RheobaseError('unsupported', 'no profiles here');
    expect(await placementWith((session) => failing(session, error))).toMatchObject({ attempts: 1, nodes: 0 });
  });
});

it('a model of which no node runs is known to run none, under strict placement too', async () => {
  const constant = modelOf({
    outputs: { y: ['float32', [2]] },
    initializers: { a: floats([2], [1, 2]) },
    nodes: [nodeOf('Exp', ['a'], 'y')],
  });
  const report = await verifyNetwork({
    ...{ models: [saved('constant.onnx', constant)], backends: [cpuBackend(), cpuBackend('other/cpu')], runs: 0 },
    cases: (model) => seededCases(model),
    strictPlacement: true,
  });
  expect(report).toMatchObject({ verdict: 'agree', strictPlacement: { unknown: [] } });
  expect(report.backends[0]).toMatchObject({ placement: [], unplaced: [] });
  expect(report.backends[0]?.placementNote).toMatch(/no node of .*constant\.onnx runs/);
});

it('GPUs in software are profiled in turn, everything else meanwhile', async () => {
  let open = 0;
  const most: number[] = [];
  const counting = (session: Session): Session => {
    open += 1;
    most.push(open);
    return {
      ...session,
      close: async () => {
        open -= 1;
        await session.close();
      },
    };
  };
  const software = ['a/webgpu', 'b/webgpu', 'c/webgpu'].map((id) => profiled(id, counting, true));
  const { backends } = await verifyNetwork({ backends: [cpuBackend(), ...software], runs: 0 });
  expect(most).toEqual([1, 1, 1]);
  expect(backends.every(({ placement }) => placement.length > 0)).toBe(true);
});
