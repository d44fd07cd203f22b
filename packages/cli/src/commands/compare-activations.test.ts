/** The command as a script runs it, on a few images. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/rheobase.js', import.meta.url));

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, 'compare-activations', ...args]);
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (chunk) => (text[stream] += chunk));
    child.on('close', (code) => resolve({ code, ...text }));
  });
}

const FEW = ['--images', '320', '--test-images', '200', '--epochs', '1', '--seeds', '2'];

describe('compare-activations', () => {
  it('tables every setting, writes JSON and a page', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'compare-'));
    const [json, html] = [join(folder, 'c.json'), join(folder, 'c.html')];
    const settings = ['--activations', 'relu,elu', '--thresholds', '0.1'];
    const { code, stdout, stderr } = await run(...FEW, ...settings, '--json', json, '--html', html);
    expect(code).toBe(0);
    expect(stdout).toMatch(/relu +0\.1 +[\d.]+ % \(/);
    expect(stdout).toContain(
      'None of the other 1 can be told from it: this comparison does not say which f, nor which θ.',
    );
    expect(stderr).toContain('4 of 4');
    const log = JSON.parse(await readFile(json, 'utf8'));
    expect(log).toMatchObject({ schema: 'rheobase/compare-activations@1', seeds: 2, examples: 320, failures: [] });
    // Above θ ≥ 0 they are one function of what relu left, so the runs are the same.
    expect(log.settings[0].runs).toEqual(log.settings[1].runs);
    expect(await readFile(html, 'utf8')).toContain('<svg');
  });

  it('takes layers and data of one’s own, a learnt θ, and a pull with its control', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'compare-'));
    const [layers, data] = [join(folder, 'layers.mjs'), join(folder, 'data.csv')];
    const exporter = import.meta.resolve('@rheobase/exporter');
    await writeFile(
      layers,
      `import { dense, sparseActivation } from '${exporter}';
      export default [dense(16), sparseActivation({ threshold: 0.5 }), dense(2, { activation: 'softmax' })];`,
    );
    const rows = Array.from(
      { length: 120 },
      (_, at) => `${Math.sin(at)},${Math.cos(3 * at)},${Math.sin(at) > 0.2 ? 'a' : 'b'}`,
    );
    await writeFile(data, `x1,x2,label\n${rows.join('\n')}\n`);
    const { code, stdout, stderr } = await run(
      ...[layers, '--data', data, '--test-split', '0.25', '--activations', 'tanh', '--thresholds', '0,learnt:0.1'],
      ...['--target-sparsity', '0.8', '--seeds', '2', '--epochs', '2', '--json', '-'],
    );
    expect(stderr).toContain('10 of 10: relu, θ = 0, pulled to 80 % silent');
    expect(code).toBe(0);
    const { settings, metric } = JSON.parse(stdout);
    expect(metric).toBe('accuracy');
    expect(settings).toHaveLength(5);
    const learnt = settings.find((one: { learnt: boolean; pulledTo: number }) => one.learnt && one.pulledTo === 0.8);
    expect(learnt.threshold).toBe(0.1);
    expect(learnt.toControl.sparsity.ciLow).toBeLessThan(learnt.toControl.sparsity.ciHigh);
    expect(learnt.runs[0].thetas.sparse_activation).not.toBe(0.1);
  });

  it.each([
    [['--activations', 'relu,nope'], /no activation is called "nope"/],
    [['--thresholds', '0,x'], /--thresholds: takes numbers and learnt, separated by commas, got "x"/],
    [['--thresholds', '0,,1'], /has an empty entry/],
    [['--recipe', 'nope'], /no recipe is called "nope"/],
    [['--seeds', '1.5'], /1\.5 seeds/],
    [['--target-sparsity', '95'], /a target of 95 silent neurons; give a share/],
    [['--test-split', '0'], /there is nothing to test on/],
  ])('refuses %j in one line', { timeout: 60_000 }, async (args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });
});
