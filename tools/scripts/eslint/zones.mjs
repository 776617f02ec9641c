// The map of core, in the order that data flows: which folder may import which others besides itself.

/** Files that everything may import and that import nothing but each other. */
const base = ['close', 'errors', 'nearest', 'own-value', 'random', 'terminal-text'];

export const coreZones = {
  close: base,
  errors: base,
  nearest: base,
  'own-value': base,
  'terminal-text': base,
  random: base,
  graph: base,
  autodiff: [...base, 'graph'],
  backend: [...base, 'graph'],
  model: [...base, 'graph', 'autodiff', 'backend'],
  formats: [...base, 'graph', 'model', 'backend'],
  cost: [...base, 'graph', 'backend', 'model', 'formats'],
  data: [...base, 'graph', 'backend', 'model', 'formats', 'pipeline'],
  pipeline: [...base, 'graph', 'backend'],
  run: [...base, 'graph', 'backend', 'formats', 'pipeline'],
  generation: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats', 'data', 'pipeline'],
  advisor: base,
  stages: [
    ...base,
    'graph',
    'autodiff',
    'backend',
    'model',
    'formats',
    'cost',
    'data',
    'pipeline',
    'run',
    'generation',
  ],
  di: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats', 'cost', 'data', 'pipeline', 'generation', 'stages'],
};
