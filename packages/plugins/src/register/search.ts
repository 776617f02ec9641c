// Search strategies by name.
import { searchStrategy } from '@espalier/core';
import { depthSearch } from '../search/depth.js';
import { gridOptions, gridSearch } from '../search/grid.js';
import { halvingOptions, halvingSearch } from '../search/halving.js';
import { proportionalWidthSearch } from '../search/proportional-width.js';

const [grid, halving] = [gridSearch(), halvingSearch()];

/** The search strategies of this package. */
export const searchStrategies = [
  searchStrategy(proportionalWidthSearch),
  searchStrategy(depthSearch),
  searchStrategy({ name: grid.name, summary: grid.summary, options: gridOptions, create: gridSearch }),
  searchStrategy({ name: halving.name, summary: halving.summary, options: halvingOptions, create: halvingSearch }),
];
