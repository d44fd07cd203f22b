import { describe, expect, it } from 'vitest';
import { parseOrtProfile } from './ort-profile.js';

const kernel = (node: string, op: string, provider: string, dur: number) =>
  `{"cat" : "Node","dur" :${dur},"ts" :1,"ph" : "X","name" :"${node}_kernel_time","args" : {"op_name" : "${op}","provider" : "${provider}"}},`;

describe('parseOrtProfile', () => {
  it('names the provider of every node and sums its time over the runs', () => {
    const text = [
      '[',
      '{"cat" : "Session","dur" :217,"name" :"model_run","args" : {}},',
      kernel('a', 'Add', 'CPUExecutionProvider', 1500),
      kernel('b', 'Mul', 'CPUExecutionProvider', 100),
      kernel('a', 'Add', 'CPUExecutionProvider', 500),
      ']',
    ].join('\n');
    expect(parseOrtProfile(text)).toEqual({
      nodes: [
        { node: 'a', opType: 'Add', provider: 'CPUExecutionProvider', ms: 2 },
        { node: 'b', opType: 'Mul', provider: 'CPUExecutionProvider', ms: 0.1 },
      ],
      incomplete: null,
    });
  });

  it("takes a WebGPU node's time from the GPU's events", () => {
    const text = [
      kernel('a', 'Softmax', 'WebGpuExecutionProvider', 40),
      '{"cat" : "Api","dur" :3000,"name" :"a&Softmax&Reduce","args" : {}},',
      '{"cat" : "Api","dur" :1000,"name" :"a&Softmax&Divide","args" : {}},',
    ].join('\n');
    expect(parseOrtProfile(text).nodes).toEqual([
      { node: 'a', opType: 'Softmax', provider: 'WebGpuExecutionProvider', ms: 4 },
    ]);
  });

  it('passes over console noise and a damaged line', () => {
    const text = ['listening on {port}', kernel('a', 'Add', 'P', 1000), kernel('b', 'Add', 'P', 1).slice(0, 40)].join(
      '\n',
    );
    expect(parseOrtProfile(text).nodes.map(({ node }) => node)).toEqual(['a']);
  });

  it('says when there is nothing to read', () => {
    expect(parseOrtProfile('').incomplete).toMatch('no readable profile');
    expect(parseOrtProfile('{"cat" : "Session"}').incomplete).toMatch('no kernel');
  });
});
