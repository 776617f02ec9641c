// Runs a session into memory that the caller owns. The Node binding writes its results there, and then copies every one of
// them into fresh memory that nobody wants (1.30.0; the page faults cost more than the copy: about 10 ms for 16 MB). It
// turns results into JavaScript values in the order of the model's outputs and gives up at the first that is no tensor:
// models begin their outputs with a sequence, so that it gives up before it has copied anything.
import type { ort } from './runtime.js';

/** Name of the sequence that a model's outputs begin with. */
export const SEQUENCE_OUTPUT = 'no copies';

const REFUSAL = 'Non tensor type is temporarily not supported.';

/** One run; when it resolves, the fetched tensors hold the results. Rejects as the runtime does. */
export async function runInto(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  try {
    // A binding that can handle sequences gives the results as well, which does no harm.
    await session.run(feeds, { [SEQUENCE_OUTPUT]: null, ...fetches });
  } catch (error) {
    if (!(error instanceof Error && error.message === REFUSAL)) throw error;
  }
}
