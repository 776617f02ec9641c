// The map of core, in the order that data flows: which folder may import which others besides itself.

/** Files that everything may import and that import nothing but each other. */
const base = ['errors', 'random'];

export const coreZones = {
  errors: base,
  random: base,
  graph: base,
  autodiff: [...base, 'graph'],
  backend: [...base, 'graph'],
  model: [...base, 'graph', 'autodiff'],
  formats: [...base, 'graph', 'model', 'backend'],
  stages: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats'],
  pipeline: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats', 'stages'],
  di: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats', 'stages', 'pipeline'],
  testing: [...base, 'graph', 'autodiff', 'backend', 'model', 'formats', 'stages', 'pipeline', 'di'],
};
