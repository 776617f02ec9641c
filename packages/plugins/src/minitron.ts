// The plugin that bundles this package's strategies, so that recipes and flags can name them: one list per kind, in `register/`.
import { definePlugin } from '@espalier/core';
import { balancers } from './register/balancers.js';
import { dataSources } from './register/data.js';
import { depthMetrics } from './register/depth-metrics.js';
import { evaluators } from './register/evaluators.js';
import { exporters } from './register/exporters.js';
import { families } from './register/families.js';
import { losses } from './register/losses.js';
import { mappings } from './register/mappings.js';
import { optimizers } from './register/optimizers.js';
import { pruners } from './register/pruners.js';
import { schedules } from './register/schedules.js';
import { scorers } from './register/scorers.js';
import { searchStrategies } from './register/search.js';
import { subscribers } from './register/subscribers.js';

/** All strategies of this package as one plugin, so that recipes and flags can name them. */
export const minitronPlugin = definePlugin({
  name: '@espalier/plugins',
  provides: [
    ...families,
    ...dataSources,
    ...scorers,
    ...depthMetrics,
    ...searchStrategies,
    ...pruners,
    ...losses,
    ...balancers,
    ...mappings,
    ...optimizers,
    ...schedules,
    ...evaluators,
    ...exporters,
    ...subscribers,
  ],
});
