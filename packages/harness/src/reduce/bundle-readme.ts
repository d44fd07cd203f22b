/** What a bundle says to a person: a title, who computed what, the command that shows it again. */
import type { TensorFiles } from '../record/tensor-files.js';
import type { Bundle, BundleSide } from './bundle.js';

export function bundleReadme(bundle: Bundle, inputs: TensorFiles): string {
  const { title, reason, expected, actual, environment } = bundle;
  const file = 'npz' in inputs ? inputs.npz : 'inputs';
  return `# ${title}

${reason}

\`\`\`sh
${replayCommand(bundle, file)}
\`\`\`

| side | backend | ONNX Runtime | implementation | device |
| --- | --- | --- | --- | --- |
${[row('expected', expected), row('actual', actual)].join('\n')}

${environment.os} ${environment.arch}, ${environment.cpu}, Node ${environment.node}.
`;
}

function replayCommand({ expected, actual, reference }: Bundle, inputs: string): string {
  const backends = [...new Set([expected.backend, actual.backend])].join(',');
  if (reference !== undefined) {
    return `npx rheobase verify model.onnx --against reference.onnx --inputs ${inputs} --backends ${backends} --runs 0`;
  }
  const baseline = expected.backend === 'node/cpu' ? '' : ` --baseline ${expected.backend}`;
  return `npx rheobase verify model.onnx --inputs ${inputs} --backends ${backends}${baseline} --runs 0`;
}

function row(side: string, { backend, runtimeVersion, implementation, device, error }: BundleSide): string {
  const what = error === null ? (implementation ?? '') : `${implementation ?? ''} (${error})`;
  return `| ${[side, backend, runtimeVersion ?? '', what, device ?? ''].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
}
