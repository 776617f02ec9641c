// The maps of core and of run, folders in the order that data flows: what is in each, and which others it may import. Lint enforces
// them (import-zones.mjs), and docs/1.data-flow.md shows them.

/** Files of core that everything may import and that import nothing but each other. */
const base = ['close', 'errors', 'look-up', 'nearest', 'own-value', 'random', 'system-words', 'terminal-text', 'words'];

export const core = {
  root: 'packages/core/src',
  /** What every folder may import. */
  base,
  folders: {
    graph: {
      holds: 'the tensor graph: nodes, composites, legality, simplifying, the float64 reference evaluator',
      imports: [],
    },
    autodiff: { holds: 'gradients, graph to graph', imports: ['graph'] },
    backend: { holds: 'the contract of a backend, tensors in host memory, the reference backend', imports: ['graph'] },
    model: {
      holds: 'named weight axes, families, the decoder, prune plans, masks, a model on a device',
      imports: ['graph', 'autodiff', 'backend'],
    },
    formats: {
      holds: 'safetensors, Hugging Face folders, tokenizers, programs as ONNX',
      imports: ['graph', 'model', 'backend'],
    },
    cost: {
      holds: 'parameters, memory and work of a shape, from the named axes alone',
      imports: ['graph', 'backend', 'model', 'formats'],
    },
    pipeline: {
      holds: 'stages as rxjs functions, their events, the stream they join to',
      imports: ['graph', 'backend'],
    },
    data: {
      holds: 'documents of token ids, what is held back of them, batches',
      imports: ['graph', 'backend', 'model', 'formats', 'pipeline'],
    },
    generation: {
      holds: 'sampling with key/value caches on the device',
      imports: ['graph', 'autodiff', 'backend', 'model', 'formats', 'data', 'pipeline'],
    },
    stages: {
      holds: 'the stages, numbered in order, and the interface of each kind of strategy',
      imports: ['graph', 'autodiff', 'backend', 'model', 'formats', 'cost', 'data', 'pipeline', 'generation'],
    },
    di: {
      holds: '`strategy(kind, …)`, plugins, injection tokens, the container of a run',
      imports: ['graph', 'autodiff', 'backend', 'model', 'formats', 'cost', 'data', 'pipeline', 'generation', 'stages'],
    },
  },
};

export const run = {
  root: 'packages/run/src',
  base: [],
  folders: {
    secrets: { holds: 'references to the environment, and their values taken out of what is told', imports: [] },
    folder: { holds: 'a folder of units with digests, checkpoints, the event log, the lock', imports: [] },
    advisor: { holds: 'published practice held against a plan, as rules over plain data', imports: [] },
    steps: { holds: 'what one step of a recipe says, as a schema; its names become strategies', imports: ['advisor'] },
    recipe: { holds: 'a recipe read, merged, checked and its places resolved', imports: ['secrets', 'steps'] },
    plugins: { holds: 'modules that a recipe names, loaded once they are trusted', imports: ['secrets', 'folder'] },
    hub: { holds: 'models and data sets of the hub, into the cache of `huggingface_hub`', imports: ['folder'] },
    events: { holds: 'what findings and metrics look like, and reading them back from a log', imports: [] },
    data: {
      holds: 'the text of a run: training, held back, questions',
      imports: ['hub', 'recipe', 'engine'], // engine: the type of its workbench
    },
    machine: {
      holds: 'what this machine and named GPUs have, held against a plan',
      imports: ['folder', 'steps', 'recipe', 'report'], // report: how numbers are written
    },
    engine: {
      holds: 'the run: `compress`, `resume`, its units in memory or in a folder, what it leaves',
      imports: ['folder', 'secrets', 'steps', 'recipe', 'plugins', 'hub', 'events', 'data', 'machine', 'report'],
    },
    report: {
      holds: 'report.html and the model card, from events and summary alone',
      imports: ['secrets', 'steps', 'recipe', 'events', 'engine'], // engine: what a summary is
    },
    testing: { holds: 'a small recipe for tests', imports: ['recipe'] },
  },
};

/** What each folder, and each file beside them, may import, as the lint rule takes it. */
export function importsOf({ base, folders }) {
  const shared = base.map((name) => [name, base]);
  const own = Object.entries(folders).map(([name, { imports }]) => [name, [...base, ...imports]]);
  return Object.fromEntries([...shared, ...own]);
}
