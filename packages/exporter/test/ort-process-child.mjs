/** The other end of ort-process.ts: one message with a model and its feeds in, one with the outcome out. */
import ort from 'onnxruntime-node';

const OPTIONS = { logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 };

/** Folding constants would compute what nobody asks for. */
const JUST_LOADED = { ...OPTIONS, graphOptimizationLevel: 'disabled' };

process.on('message', async ({ model, feeds, elements }) => {
  process.send(await outcome(model, feeds, elements));
});

async function outcome(model, feeds, elements) {
  let session;
  try {
    session = await ort.InferenceSession.create(model, feeds === null && !elements ? JUST_LOADED : OPTIONS);
    if (feeds === null) return { kind: 'outputs', outputs: elements ? {} : declared(session) };
    const inputs = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
      name,
      new ort.Tensor(dtype, data, shape),
    ]);
    const results = Object.entries(await session.run(Object.fromEntries(inputs)));
    const outputs = results.map(([name, value]) => {
      const { type, dims } = value;
      return [name, { dtype: type, data: elements ? value.data : [], shape: dims }];
    });
    return { kind: 'outputs', outputs: Object.fromEntries(outputs) };
  } catch (error) {
    return { kind: 'refused', message: String(error) };
  } finally {
    await session?.release();
  }
}

function declared({ outputMetadata }) {
  const outputs = outputMetadata.flatMap(({ name, isTensor, type, shape }) => {
    // The runtime says [] of a scalar and of a value whose shape it does not know.
    if (!isTensor || shape.length === 0) return [];
    return [[name, { dtype: type, data: [], shape: shape.map((dim) => (typeof dim === 'number' ? dim : -1)) }]];
  });
  return Object.fromEntries(outputs);
}
