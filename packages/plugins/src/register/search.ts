// Search strategies by name.
import { searchStrategy } from '@espalier/core';
import { depthSearch } from '../search/depth.js';
import { gridOptions, gridSearch } from '../search/grid.js';
import { proportionalWidthSearch } from '../search/proportional-width.js';

const { name, summary } = gridSearch();

/** The search strategies of this package. */
export const searchStrategies = [
  searchStrategy(proportionalWidthSearch),
  searchStrategy(depthSearch),
  searchStrategy({ name, summary, options: gridOptions, create: gridSearch }),
];
